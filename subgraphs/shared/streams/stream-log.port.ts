/** One numbered piece of a stream. Numbers begin at 1 and have no gaps. */
export interface Chunk {
  readonly seq: number;
  readonly text: string;
}

/** How a stream ended. `lost`: the process that wrote it is gone without having said so. */
export type StreamOutcome = 'done' | 'failed' | 'stopped' | 'lost';

export interface StreamEnd {
  readonly outcome: StreamOutcome;
}

export type StreamEntry =
  | { readonly kind: 'chunk'; readonly chunk: Chunk }
  /** The last entry; nothing comes after it. */
  | { readonly kind: 'end'; readonly end: StreamEnd };

/** What a stream is, apart from its chunks. */
export interface StreamHead {
  /** Whose stream it is; nobody else may read it. */
  readonly userId: string;
  /** What its opener wants to be known of it wherever it is read; JSON. */
  readonly about?: object;
}

/** The one process that writes a stream. */
export interface StreamWriter {
  /**
   * Adds text as the next chunk; resolves when the log has it. Calls are taken in order, whether awaited or not. Throws
   * StreamRefused when the log does not take it; the stream then ends as lost for its readers.
   */
  append(text: string): Promise<void>;
  /**
   * Ends the stream after all that was appended; safe to repeat, and does nothing once the stream has ended otherwise.
   * Throws StreamRefused when the log cannot be reached; the stream then ends as lost for its readers.
   */
  end(outcome: Exclude<StreamOutcome, 'lost'>): Promise<void>;
  /** Aborts when somebody asked to stop the stream, through any replica. */
  readonly stopRequested: AbortSignal;
  /**
   * Aborts when nobody, on any replica, has been reading for the log's linger time. A stream that nobody has read yet
   * counts from its opening.
   */
  readonly abandoned: AbortSignal;
}

export interface ReadOptions {
  /** The number of the last chunk that the reader has, a whole number; 0 for all. */
  readonly after: number;
  /** Ends the reading. */
  readonly signal: AbortSignal;
}

/**
 * Streams as small logs, so that a reader who lost its line goes on where it was, and many may read one stream. A log is kept
 * for a while after its end, then forgotten. A log in another process may be out of reach: all but reading then throws
 * StreamRefused after some time; reading goes on when it is back.
 */
export interface StreamLog {
  /** Begins a stream. Throws StreamRefused for an id that is in use. */
  open(id: string, head: StreamHead): Promise<StreamWriter>;
  /** Null for a stream that there is not, or not any more. */
  find(id: string): Promise<StreamHead | null>;
  /**
   * Yields chunks after `after` as they come, each once and in order, then the end; nothing for a stream that there is not.
   * It finishes without an end only when its signal aborts or the stream is not there any more. A slow reader keeps no memory
   * of its own: it reads from the log. Each iteration reads anew. Throws RangeError for a position that makes no sense.
   */
  read(id: string, options: ReadOptions): AsyncIterable<StreamEntry>;
  /** Asks the writer to stop, wherever it is. False for a stream that there is not or that has ended. */
  requestStop(id: string): Promise<boolean>;
  /**
   * Streams that their writer has left without an end, read or not, which now have ended as lost: a few at a time, and none twice
   * to several callers within some seconds. They come again until {@link settle}. None while the log is out of reach.
   */
  lost(): Promise<readonly string[]>;
  /** Nothing is left to do for a lost stream. */
  settle(id: string): Promise<void>;
}
