import { MongoError, notImplemented } from '../errors.js';
import { compileFilter } from '../query/matcher.js';
import { isDocument, type Document } from '../values/document.js';
import { ACCUMULATORS, EXPRESSIONS, REFUSED, STAGES } from './context.js';

/** Stages whose operand is made of expressions, all through. */
const EXPRESSION_STAGES = ['$addFields', '$set', '$project', '$replaceRoot', '$replaceWith', '$sortByCount', '$redact'];
const NEVER = (): boolean => false;

/**
 * Refuses a pipeline with a stage (40324), an expression (InvalidPipelineOperator) or an accumulator (15952) that there
 * is not, before it runs: the library would notice only at the first document.
 */
export function assertPipeline(pipeline: unknown): asserts pipeline is Document[] {
  if (!Array.isArray(pipeline)) throw new MongoError(14, `'pipeline' option must be specified as an array`);
  for (const stage of pipeline as unknown[]) {
    if (!isDocument(stage)) throw new MongoError(14, "Each element of the 'pipeline' array must be an object");
    const [entry, ...more] = Object.entries(stage);
    if (!entry || more.length > 0) {
      throw new MongoError(40323, 'A pipeline stage specification object must contain exactly one field.');
    }
    assertStage(entry[0], entry[1]);
  }
}

function assertStage(name: string, operand: unknown): void {
  if (REFUSED.has(name)) throw notImplemented(`The stage ${name}`);
  if (name !== '$merge' && !Object.hasOwn(STAGES, name)) {
    throw new MongoError(40324, `Unrecognized pipeline stage name: '${name}'`);
  }
  if (name === '$match' && isDocument(operand)) compileFilter(operand, NEVER);
  if (name === '$group' || name === '$bucket') assertGroup(name, operand);
  if (EXPRESSION_STAGES.includes(name)) assertExpression(operand);
  if (name === '$limit' || name === '$skip') assertAmount(name, operand);
  if (name === '$facet' && isDocument(operand)) {
    for (const branch of Object.values(operand)) assertPipeline(branch);
  }
  if ((name === '$lookup' || name === '$unionWith') && isDocument(operand) && 'pipeline' in operand) {
    assertPipeline(operand['pipeline']);
  }
}

function assertAmount(name: string, operand: unknown): void {
  const least = name === '$limit' ? 1 : 0;
  if (Number.isSafeInteger(operand) && Number(operand) >= least) return;
  throw name === '$limit'
    ? new MongoError(15958, 'the limit must be positive')
    : new MongoError(15956, `Argument to $skip cannot be negative`);
}

function assertGroup(name: string, operand: unknown): void {
  if (!isDocument(operand)) return;
  const outputs = name === '$group' ? operand : operand['output'];
  assertExpression(name === '$group' ? operand['_id'] : operand['groupBy']);
  for (const [field, output] of Object.entries(isDocument(outputs) ? outputs : {})) {
    if (name === '$group' && field === '_id') continue;
    if (!isDocument(output)) throw new MongoError(40234, `The field '${field}' must be an accumulator object`);
    const names = Object.keys(output);
    const [accumulator = ''] = names;
    if (names.length !== 1) throw new MongoError(40238, `The field '${field}' must specify one accumulator`);
    if (REFUSED.has(accumulator)) throw notImplemented(`The accumulator ${accumulator}`);
    if (!Object.hasOwn(ACCUMULATORS, accumulator))
      throw new MongoError(15952, `unknown group operator '${accumulator}'`);
    assertExpression(output[accumulator]);
  }
}

/** Throws InvalidPipelineOperator for an operator in an expression that there is not. */
export function assertExpression(expression: unknown): void {
  if (Array.isArray(expression)) {
    for (const element of expression) assertExpression(element);
    return;
  }
  if (!isDocument(expression)) return;
  for (const [name, operand] of Object.entries(expression)) {
    if (name === '$literal') return;
    if (name.startsWith('$')) {
      if (REFUSED.has(name)) throw notImplemented(`The expression ${name}`);
      if (!Object.hasOwn(EXPRESSIONS, name) && !Object.hasOwn(ACCUMULATORS, name)) {
        throw new MongoError(168, `Unrecognized expression '${name}'`);
      }
    }
    assertExpression(operand);
  }
}
