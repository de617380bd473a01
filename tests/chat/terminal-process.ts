import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';

const PROGRAM = join(import.meta.dirname, '../../dist/clients/terminal/main.js');

/** Texts of a stream so far, and those who wait for one. */
class Heard {
  text = '';
  #wake: () => void = () => undefined;

  constructor(stream: NodeJS.ReadableStream) {
    stream.setEncoding('utf8').on('data', (text) => {
      this.text += String(text);
      this.#wake();
    });
    stream.on('close', () => this.#wake());
  }

  /** Resolves once this is in the text. */
  async until(expected: string, isOver: () => boolean): Promise<void> {
    while (!this.text.includes(expected)) {
      if (isOver()) throw new Error(`"${expected}" was not said, but: ${this.text}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The compiled terminal client, with pipes in place of a terminal. */
export class TerminalProcess {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #out: Heard;
  readonly #err: Heard;
  #isOver = false;

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    const { PATH = '' } = process.env;
    this.#child = spawn(process.execPath, [PROGRAM, ...args], { env: { PATH, ...env } });
    this.#out = new Heard(this.#child.stdout);
    this.#err = new Heard(this.#child.stderr);
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        this.#isOver = true;
        resolve({ code, out: this.#out.text, err: this.#err.text });
      });
    });
  }

  say(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Says these lines, and that there are no more. */
  async saying(...lines: string[]): Promise<Ended> {
    this.#child.stdin.end(lines.map((line) => `${line}\n`).join(''));
    return this.ended;
  }

  answered(text: string): Promise<void> {
    return this.#out.until(text, () => this.#isOver);
  }

  noted(text: string): Promise<void> {
    return this.#err.until(text, () => this.#isOver);
  }

  interrupt(): void {
    this.#child.kill('SIGINT');
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
