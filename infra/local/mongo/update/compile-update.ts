import { Aggregator } from 'mingo/aggregator';
import { optionsOf, type Surroundings } from '../aggregate/context.js';
import { assertPipeline } from '../aggregate/validate.js';
import { MongoError } from '../errors.js';
import { isOperators, type Evaluate } from '../query/matcher.js';
import { fieldOf, isDocument, type Document } from '../values/document.js';
import { applyModifiers, assertModifiers, assertSameId } from './apply-update.js';
import { arrayFiltersOf, positionOf } from './target.js';

/** Gives the document an update leaves; `inserting` when an upsert makes it. */
export type Update = (document: Document, inserting: boolean) => Document;

export interface UpdateStatement {
  readonly filter: Document;
  readonly update: unknown;
  readonly arrayFilters?: readonly Document[];
  readonly multi?: boolean;
}

const UPDATE_STAGES = ['$addFields', '$set', '$project', '$unset', '$replaceRoot', '$replaceWith'];

/** Compiles modifiers, a replacement or a pipeline. Throws FailedToParse for what is none of them. */
export function compileUpdate(
  statement: UpdateStatement,
  { evaluate, surroundings, now }: { evaluate: Evaluate; surroundings: Surroundings; now: Date },
): Update {
  const { filter, update, arrayFilters = [] } = statement;
  if (Array.isArray(update)) return pipelineUpdate(update, surroundings);
  if (!isDocument(update)) throw new MongoError(9, 'Update argument must be either an object or an array');
  if (!isOperators(update)) return replacement(update, statement);
  assertModifiers(update);
  const positions = {
    arrayFilters: arrayFiltersOf(arrayFilters, evaluate),
    matchedIndex: (array: readonly unknown[], path: readonly string[]) => positionOf(filter, array, path, evaluate),
  };
  return (document, inserting) => applyModifiers(document, update, { positions, evaluate, now, inserting });
}

function replacement(update: Document, { multi, arrayFilters }: UpdateStatement): Update {
  if (multi) throw new MongoError(9, 'multi update is not supported for replacement-style update');
  if (arrayFilters) throw new MongoError(9, 'arrayFilters may not be specified for replacement-style updates');
  const dollar = Object.keys(update).find((name) => name.startsWith('$'));
  if (dollar) {
    throw new MongoError(
      52,
      `The dollar ($) prefixed field '${dollar}' in '${dollar}' is not allowed in the context of an update's replacement document.`,
    );
  }
  return (document) => keepingId(document, update);
}

function pipelineUpdate(pipeline: readonly unknown[], surroundings: Surroundings): Update {
  assertPipeline(pipeline);
  for (const stage of pipeline) {
    const [name = ''] = Object.keys(stage);
    if (!UPDATE_STAGES.includes(name)) throw new MongoError(72, `${name} is not allowed to be used within an update`);
  }
  const aggregator = new Aggregator([...pipeline], optionsOf(surroundings));
  return (document) => keepingId(document, aggregator.run<Document>([document])[0] ?? {});
}

/** The `_id` stays, and stays first. */
function keepingId(document: Document, next: Document): Document {
  const id = fieldOf(document, '_id');
  if (id === undefined) return next;
  const { _id: given = id, ...fields } = next;
  assertSameId(document, { _id: given });
  return { _id: id, ...fields };
}
