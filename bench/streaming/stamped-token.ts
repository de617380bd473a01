/** What a prompt of the benchmark asks of the provider double. */
export interface StreamOrder {
  /** Names the stream in what the double tells. */
  readonly name: string;
  readonly tokens: number;
  /** From one token to the next; the first comes at once. */
  readonly everyMs: number;
  /** At least so long is each; without it, as long as its stamp. */
  readonly tokenBytes?: number;
}

/** A token by its place in the answer and when it was sent; of the first also when the answer was asked for. */
export interface StampedToken {
  readonly at: number;
  readonly sentMs: number;
  readonly askedMs: number;
}

/** What the double tells when somebody hangs up on an answer. */
export interface HungUp {
  readonly name: string;
  readonly closedMs: number;
}

export function textOf({ at, sentMs, askedMs }: StampedToken, bytes = 0): string {
  return `${`${at}:${sentMs.toFixed(3)}:${askedMs.toFixed(3)}:`.padEnd(bytes - 1, '.')} `;
}

/** The tokens in a piece of an answer; a piece has whole ones. */
export function tokensIn(text: string): StampedToken[] {
  return text
    .trimEnd()
    .split(' ')
    .map((token) => {
      const [at = NaN, sentMs = NaN, askedMs = NaN] = token.split(':').map(Number);
      return { at, sentMs, askedMs };
    });
}
