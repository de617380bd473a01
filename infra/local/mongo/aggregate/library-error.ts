import { MongoError } from '../errors.js';

/**
 * What mingo throws, as MongoDB would say it: it has one class without codes. An error of any other origin is a fault
 * of this engine: it is written to stderr, and the client learns only that there was one.
 */
export function toMongoError(error: unknown): MongoError {
  if (error instanceof MongoError) return error;
  // mingo extends Error without a name of its own, and does not export the class from a public path.
  if (error instanceof Error && error.constructor.name === 'MingoError') return fromLibrary(error.message);
  if (error instanceof Error && error.constructor.name.startsWith('BSON')) return new MongoError(2, error.message);
  process.stderr.write(`mongo engine: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return new MongoError(1, 'The embedded engine failed on this command; its console has the reason.');
}

function fromLibrary(message: string): MongoError {
  const variable = /^Use of undefined variable: (.*)$/.exec(message)?.[1];
  if (variable !== undefined) return new MongoError(17276, `Use of undefined variable: ${variable}`);
  return new MongoError(2, message);
}
