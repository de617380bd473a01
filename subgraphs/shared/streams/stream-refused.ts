import { AppError } from '#shared/errors/app-error.js';

/** For the log. */
const CAUSES = {
  exists: 'A stream of this id was opened before',
  ended: 'The stream has ended, or is not there any more',
  full: 'The stream has grown beyond what the log holds',
  unreachable: 'The stream log cannot be reached',
} as const;

/**
 * The log did not take what was to be written: SERVICE_UNAVAILABLE to clients. `ended`: by its own writer, or because the writer
 * was taken for lost. `unreachable` is thrown by reads too.
 */
export class StreamRefused extends AppError {
  constructor(
    readonly reason: keyof typeof CAUSES,
    options?: { cause: unknown },
  ) {
    super('SERVICE_UNAVAILABLE', 'Answers cannot be streamed right now. Try again in a while.', {
      cause: new Error(CAUSES[reason], options),
    });
  }
}
