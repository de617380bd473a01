import { createLogger, type Logger } from '#shared/logging/logger.js';

/** A log that keeps its lines. */
export class RecordedLog {
  readonly lines: string[] = [];
  readonly log: Logger;
  #wakers: (() => void)[] = [];

  constructor() {
    this.log = createLogger(
      { level: 'trace', service: 'test' },
      {
        write: (line) => {
          this.lines.push(line);
          for (const wake of this.#wakers.splice(0)) wake();
        },
      },
    );
  }

  /** What each line says, without the rest of it. */
  get messages(): string[] {
    return this.lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
  }

  get text(): string {
    return this.lines.join('');
  }

  /** Resolves when so many lines have been written in all. */
  async hasLines(count: number): Promise<void> {
    while (this.lines.length < count) await new Promise<void>((resolve) => this.#wakers.push(resolve));
  }
}
