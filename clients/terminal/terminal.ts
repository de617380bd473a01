import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';

export interface Streams {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
}

const DIM = '2';
const BOLD = '1';
const RED = '31';
/** All that moves a cursor or changes a terminal; line breaks and tabs may stay. */
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const FIRST_HALF = /[\ud800-\udbff]$/;

/**
 * Where lines come from and texts go. With a person before it, it asks, and shows what is typed only while it asks. In a
 * pipe there is nobody to ask: answers alone go to the standard output, all else to the standard error, without colours.
 */
export class Terminal {
  readonly isInteractive: boolean;
  readonly #input: Interface;
  readonly #echo: Echo;
  readonly #lines: string[] = [];
  readonly #listeners: (() => void)[] = [];
  #isAskingSecret = false;
  #isAtLineStart = true;
  /** The first half of a character of two UTF-16 units, whose other half has not come yet. */
  #half = '';
  #waiting: ((line: string | null) => void) | undefined;
  #isClosed = false;

  constructor(
    private readonly streams: Streams,
    private readonly hasColours: boolean,
  ) {
    const { stdin, stdout } = streams;
    this.isInteractive = [stdin, stdout].every(({ isTTY }) => isTTY);
    this.#echo = new Echo(stdout);
    this.#input = createInterface({ input: stdin, output: this.#echo, terminal: this.isInteractive });
    this.#input.on('line', (line) => this.#take(line));
    this.#input.on('close', () => this.#end());
    this.#input.on('SIGINT', () => this.interrupt());
    // Secrets are not for the arrow keys to bring back.
    this.#input.on('history', (history) => this.#isAskingSecret && history.shift());
  }

  /** The next line; null when there are no more. */
  async ask(prompt: string): Promise<string | null> {
    const early = this.#lines.shift();
    if (early !== undefined) {
      // It was typed while nothing was asked, and so not shown.
      if (this.isInteractive) this.print(`${prompt}${early}\n`);
      return early;
    }
    this.#input.setPrompt(this.#styled(prompt, BOLD));
    this.#echo.isOn = true;
    if (this.isInteractive && !this.#isClosed) this.#input.prompt(true);
    const line = await this.#nextLine();
    this.#echo.isOn = false;
    if (this.isInteractive && line === null) this.print('\n');
    return line;
  }

  /** A line that is not shown while it is typed. */
  async askSecret(prompt: string): Promise<string | null> {
    this.print(this.#styled(prompt, BOLD));
    this.#isAskingSecret = true;
    const line = await this.#nextLine();
    this.#isAskingSecret = false;
    this.print('\n');
    return line;
  }

  /** Says something while a line is being typed, which is emptied. */
  interject(text: string): void {
    if (!this.isInteractive) return this.note(text);
    this.print('\n');
    this.note(text);
    this.#input.write(null, { ctrl: true, name: 'e' });
    this.#input.write(null, { ctrl: true, name: 'u' });
    this.#input.prompt();
  }

  /**
   * A piece of a text from elsewhere, which may hold anything: on a terminal it is kept from taking that over. Half a character
   * at its end waits for the next piece, or for the end of the line.
   */
  printText(text: string): void {
    const whole = this.#half + text;
    this.#half = FIRST_HALF.exec(whole)?.[0] ?? '';
    const shown = whole.slice(0, whole.length - this.#half.length);
    this.print(this.streams.stdout.isTTY ? shown.replaceAll(CONTROLS, '') : shown);
  }

  print(text: string): void {
    if (text === '') return;
    this.#isAtLineStart = text.endsWith('\n');
    this.streams.stdout.write(text);
  }

  endLine(): void {
    const half = this.#half;
    this.#half = '';
    this.print(half);
    this.#breakLine();
  }

  /** A line beside the conversation. */
  note(text: string): void {
    this.#beside(text, DIM);
  }

  fail(text: string): void {
    this.#beside(text, RED);
  }

  /** What Ctrl-C does, until what is returned is called. The latest one counts; without any, nothing happens. */
  onInterrupt(listener: () => void): () => void {
    this.#listeners.push(listener);
    return () => void this.#listeners.splice(this.#listeners.indexOf(listener), 1);
  }

  interrupt(): void {
    this.#listeners.at(-1)?.();
  }

  close(): void {
    this.#input.close();
  }

  #breakLine(): void {
    if (!this.#isAtLineStart) this.print('\n');
  }

  /** Also in the middle of a text, which goes on after it. */
  #beside(text: string, style: string): void {
    const stream = this.isInteractive ? this.streams.stdout : this.streams.stderr;
    if (this.isInteractive) this.#breakLine();
    const shown = stream.isTTY ? text.replaceAll(CONTROLS, '') : text;
    stream.write(`${this.#styled(shown, style)}\n`);
  }

  #styled(text: string, style: string): string {
    return this.hasColours && this.isInteractive ? `\u001b[${style}m${text}\u001b[0m` : text;
  }

  #nextLine(): Promise<string | null> {
    if (this.#isClosed) return Promise.resolve(null);
    this.#input.resume();
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  #take(line: string): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting(line);
    else this.#lines.push(line);
    // A pipe may hold more than there is memory for.
    if (!this.isInteractive) this.#input.pause();
  }

  #end(): void {
    this.#isClosed = true;
    this.#waiting?.(null);
  }
}

/** Shows what is typed, or does not. */
class Echo extends Writable {
  isOn = false;

  constructor(private readonly target: WriteStream) {
    super();
    target.on('resize', () => this.emit('resize'));
  }

  get columns(): number {
    return this.target.columns;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // Not waited for: what is queued here until then would meet a later state of `isOn`.
    if (this.isOn) this.target.write(chunk);
    done();
  }
}
