import { Aggregator } from 'mingo/aggregator';
import { optionsOf, type Surroundings } from '../aggregate/context.js';
import { mergeTarget, merge } from '../aggregate/merge.js';
import { assertPipeline } from '../aggregate/validate.js';
import { MongoError } from '../errors.js';
import { compileFilter, type Matcher } from '../query/matcher.js';
import { isDocument, type Document } from '../values/document.js';
import {
  amountField,
  collectionName,
  documentField,
  evaluateFor,
  missingField,
  surroundingsOf,
  type Call,
  type Command,
} from './command.js';

const FIELDS = ['pipeline', 'cursor', 'explain', 'allowDiskUse', 'hint', 'let', 'bypassDocumentValidation'];

async function aggregate(call: Call): Promise<Document> {
  const { command, engine, database } = call;
  const { pipeline, cursor } = command;
  if (pipeline === undefined) throw missingField('aggregate', 'pipeline');
  if (command['explain']) throw new MongoError(238, 'explain is not supported by the embedded engine');
  if (cursor === undefined)
    throw new MongoError(9, `The 'cursor' option is required, except for aggregate with the explain argument`);
  assertPipeline(pipeline);
  const name = command['aggregate'] === 1 ? '$cmd.aggregate' : collectionName(call, 'aggregate');
  const last = pipeline.findIndex((stage) => '$merge' in stage);
  if (last !== -1 && last !== pipeline.length - 1)
    throw new MongoError(40601, '$merge can only be the final stage in the pipeline');
  const reading = last === -1 ? pipeline : pipeline.slice(0, -1);
  const results = await resultsOf(call, name, reading);
  const batchSize = amountField(documentField(command, 'cursor', 'aggregate'), 'batchSize', 'aggregate.cursor');
  const target = last === -1 ? undefined : mergeTarget(pipeline[last]?.['$merge'], database);
  if (!target) return engine.cursors.first(`${database}.${name}`, results, batchSize);
  await merge(results, target, engine.databases);
  return engine.cursors.first(`${database}.${name}`, []);
}

/** Other collections a pipeline reads are opened before it runs: the library asks for them in the middle of it. */
async function resultsOf(call: Call, name: string, pipeline: readonly Document[]): Promise<Document[]> {
  const { command, engine, database } = call;
  const others = new Map<string, Document[]>();
  for (const other of collectionsIn(pipeline)) {
    others.set(other, [...((await engine.databases.find(database, other))?.all() ?? [])]);
  }
  const surroundings: Surroundings = { ...surroundingsOf(command), documentsOf: (other) => others.get(other) ?? [] };
  const collection = await engine.databases.find(database, name);
  const [first, ...rest] = pipeline;
  const filter = first?.['$match'];
  const evaluate = evaluateFor(command);
  const [wanted, matches]: [Document, Matcher] = isDocument(filter)
    ? [filter, compileFilter(filter, evaluate)]
    : [{}, () => true];
  const source = collection ? [...collection.matching(wanted, matches)] : [];
  const stages = isDocument(filter) ? rest : [...pipeline];
  return new Aggregator(stages, optionsOf(surroundings)).run<Document>(source);
}

function collectionsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(collectionsIn);
  if (!isDocument(value)) return [];
  return Object.entries(value).flatMap(([name, operand]) => {
    if (name === '$unionWith' && typeof operand === 'string') return [operand];
    const { from, coll } = isDocument(operand) ? operand : {};
    const named = name === '$lookup' ? from : name === '$unionWith' ? coll : undefined;
    return [...(typeof named === 'string' ? [named] : []), ...collectionsIn(operand)];
  });
}

export const AGGREGATE_COMMANDS: Readonly<Record<string, Command>> = {
  aggregate: { fields: FIELDS, run: aggregate },
};
