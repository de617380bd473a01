import type { Document } from './values/document.js';

/** The codes of MongoDB's `error_codes.yml` (or of the assertion, where that has no name) that this engine answers with. */
const CODE_NAMES = {
  1: 'InternalError',
  2: 'BadValue',
  9: 'FailedToParse',
  11: 'UserNotFound',
  14: 'TypeMismatch',
  20: 'IllegalOperation',
  26: 'NamespaceNotFound',
  27: 'IndexNotFound',
  28: 'PathNotViable',
  40: 'ConflictingUpdateOperators',
  43: 'CursorNotFound',
  48: 'NamespaceExists',
  52: 'DollarPrefixedFieldName',
  53: 'InvalidIdField',
  54: 'NotSingleValueField',
  56: 'EmptyFieldName',
  59: 'CommandNotFound',
  66: 'ImmutableField',
  67: 'CannotCreateIndex',
  72: 'InvalidOptions',
  73: 'InvalidNamespace',
  85: 'IndexOptionsConflict',
  86: 'IndexKeySpecsConflict',
  91: 'ShutdownInProgress',
  168: 'InvalidPipelineOperator',
  171: 'CannotIndexParallelArrays',
  197: 'InvalidIndexSpecificationOption',
  238: 'NotImplemented',
  241: 'ConversionFailure',
  322: 'APIVersionError',
  11000: 'DuplicateKey',
} as const;

/** An error as MongoDB would put it on the wire. `more` goes into the reply beside code and message. */
export class MongoError extends Error {
  override readonly name = 'MongoError';
  readonly code: number;
  readonly more: Document;

  constructor(code: number, message: string, more: Document = {}) {
    super(message);
    this.code = code;
    this.more = more;
  }

  get codeName(): string {
    return CODE_NAMES[this.code as keyof typeof CODE_NAMES] ?? `Location${this.code}`;
  }
}

/** What this engine leaves out on purpose is refused by name, so that nobody mistakes it for an empty result. */
export function notImplemented(what: string): MongoError {
  return new MongoError(238, `${what} is not supported by the embedded engine; use a real MongoDB for it.`);
}
