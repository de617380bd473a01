/** Whoever hears an answer did not take a piece of it; `cause` is what was thrown. The provider has no part in that. */
export class ListenerFailure extends Error {
  override readonly name = 'ListenerFailure';

  constructor(override readonly cause: unknown) {
    super('an answer was not heard to its end');
  }
}

/** Hands the pieces of one call's answer on until one is refused. */
export class CallListener {
  readonly #refused = new AbortController();
  #failure: ListenerFailure | undefined;

  constructor(
    private readonly listen: (text: string) => Promise<void>,
    private readonly onPiece: () => void,
  ) {}

  /** Aborts when a piece is refused. */
  get refused(): AbortSignal {
    return this.#refused.signal;
  }

  get failure(): ListenerFailure | undefined {
    return this.#failure;
  }

  /** Throws what the listener throws. */
  readonly onDelta = async (text: string): Promise<void> => {
    this.onPiece();
    try {
      await this.listen(text);
    } catch (error) {
      this.#failure ??= new ListenerFailure(error);
      this.#refused.abort(error);
      throw error;
    }
  };
}
