import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '#shared/errors/app-error.js';
import type { Logger } from '#shared/logging/logger.js';
import { invalidToken } from './invalid-token.js';
import {
  sessionSubject,
  userSubject,
  type IssuedToken,
  type Revocation,
  type RevocationCheck,
  type RevocationSource,
} from './revocation.js';

export interface RevocationListOptions {
  readonly source: RevocationSource;
  /** Within this time of its revocation a token is refused here, as long as the source answers. */
  readonly lagMs: number;
  /** For so long the last list is trusted when the source is silent; after that no token is. */
  readonly graceMs: number;
  readonly log: Logger;
  readonly now?: () => number;
}

/** A reading that begins a third of the lag after the last and may take another third is done before the lag is over. */
const READINGS_PER_LAG = 3;
/** Until there has been a first reading, the next attempt comes sooner. */
const FIRST_READING_RETRY_MS = 100;

/** What is revoked, as this process knows it: read from the auth service again and again, so that a check costs no call. */
export class RevocationList implements RevocationCheck {
  readonly #entries = new Map<string, Revocation>();
  readonly #stopped = new AbortController();
  readonly #now: () => number;
  readonly #begunAtSec: number;
  #hasRead = false;
  #since: string | null = null;
  #readAtMs: number;
  #isSilent = false;

  constructor(private readonly options: RevocationListOptions) {
    this.#now = options.now ?? Date.now;
    this.#readAtMs = this.#now();
    this.#begunAtSec = Math.floor(this.#readAtMs / 1000);
  }

  /** Before the first reading it is known of tokens issued since this process began that they were not revoked before that. */
  assertLive({ userId, sessionId, issuedAtSec }: IssuedToken): void {
    const isKnown = this.#hasRead || issuedAtSec >= this.#begunAtSec;
    if (!isKnown || this.#now() - this.#readAtMs > this.options.graceMs) {
      throw new AppError('SERVICE_UNAVAILABLE', 'Whether you are still signed in cannot be told right now.');
    }
    for (const subject of [sessionSubject(sessionId), userSubject(userId)]) {
      const entry = this.#entries.get(subject);
      if (entry && (entry.issuedUntilSec === null || issuedAtSec <= entry.issuedUntilSec)) {
        throw invalidToken();
      }
    }
  }

  /** Keeps reading until stopped. */
  async run(): Promise<void> {
    const everyMs = this.options.lagMs / READINGS_PER_LAG;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await this.#tryToRead();
      const waitMs = this.#hasRead ? everyMs : Math.min(everyMs, FIRST_READING_RETRY_MS);
      await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** Reads once, now. Throws what the source throws. */
  async read(): Promise<void> {
    const startedAt = this.#now();
    const page = await this.options.source(this.#since);
    for (const entry of page.revocations) this.#add(entry);
    for (const [subject, { expiresAtMs }] of this.#entries) {
      if (expiresAtMs < startedAt) this.#entries.delete(subject);
    }
    this.#since = page.asOf;
    this.#readAtMs = startedAt;
    this.#hasRead = true;
  }

  /** One subject may be revoked twice, and pages may repeat: what refuses more tokens stays. */
  #add(entry: Revocation): void {
    const known = this.#entries.get(entry.subject);
    const refusesLess =
      known && entry.issuedUntilSec !== null && (known.issuedUntilSec ?? Infinity) >= entry.issuedUntilSec;
    if (!refusesLess) this.#entries.set(entry.subject, entry);
  }

  async #tryToRead(): Promise<void> {
    try {
      await this.read();
      if (this.#isSilent) this.options.log.info('revocations are read again');
      this.#isSilent = false;
    } catch (error) {
      // Its source may have been closed under it.
      if (this.#stopped.signal.aborted) return;
      if (!this.#isSilent) this.options.log.warn({ err: error }, 'revocations cannot be read');
      this.#isSilent = true;
    }
  }
}
