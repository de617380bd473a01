const MESSAGES = {
  exists: 'A stream of this id was opened before',
  ended: 'The stream has ended, or is not there any more',
  full: 'The stream has grown beyond what the log holds',
  unreachable: 'The stream log cannot be reached',
} as const;

/**
 * The log did not take what was to be written. `ended`: by its own writer, or because the writer was taken for lost.
 * `unreachable` is thrown by reads too.
 */
export class StreamRefused extends Error {
  override readonly name = 'StreamRefused';

  constructor(
    readonly reason: keyof typeof MESSAGES,
    options?: { cause: unknown },
  ) {
    super(MESSAGES[reason], options);
  }
}
