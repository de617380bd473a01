import type { Logger } from '#shared/logging/logger.js';

type Release = () => unknown;

/**
 * What a process holds, released in reverse order of acquisition: `life.defer('orm', () => orm.close())` stands right
 * after the line that opened it. A release that fails is logged and does not keep the others from running.
 */
export class Lifecycle {
  readonly #releases: { name: string; release: Release }[] = [];
  #closing: Promise<void> | undefined;

  constructor(private readonly log: Logger) {}

  defer(name: string, release: Release): void {
    this.#releases.push({ name, release });
  }

  /** Releases everything once, however often it is called. */
  close(): Promise<void> {
    this.#closing ??= this.#releaseAll();
    return this.#closing;
  }

  async #releaseAll(): Promise<void> {
    for (const { name, release } of this.#releases.toReversed()) {
      try {
        await release();
      } catch (error) {
        this.log.error({ err: error, resource: name }, 'could not release');
      }
    }
  }
}
