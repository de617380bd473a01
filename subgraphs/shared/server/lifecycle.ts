import { ServiceStopping } from '#shared/errors/service-stopping.js';
import type { Logger } from '#shared/logging/logger.js';

type Release = () => unknown;

/**
 * What a process holds, released in reverse order of acquisition: `life.defer('orm', () => orm.close())` stands right
 * after the line that opened it. A release that fails is logged and does not keep the others from running.
 */
export class Lifecycle {
  readonly #releases: { name: string; release: Release }[] = [];
  readonly #overtime = new AbortController();
  #closing: Promise<void> | undefined;
  /** How long what is under way may still take when the end has begun. */
  graceMs = 0;

  constructor(private readonly log: Logger) {}

  /** Aborts, with {@link ServiceStopping}, when that time is over. */
  get overtime(): AbortSignal {
    return this.#overtime.signal;
  }

  defer(name: string, release: Release): void {
    this.#releases.push({ name, release });
  }

  /** Releases everything once, however often it is called. */
  close(): Promise<void> {
    this.#closing ??= this.#releaseAll();
    return this.#closing;
  }

  async #releaseAll(): Promise<void> {
    const grace = setTimeout(() => this.#overtime.abort(new ServiceStopping()), this.graceMs);
    for (const { name, release } of this.#releases.toReversed()) {
      try {
        await release();
      } catch (error) {
        this.log.error({ err: error, resource: name }, 'could not release');
      }
    }
    clearTimeout(grace);
  }
}
