import { Aggregator } from 'mingo/aggregator';
import { Context, evalExpr } from 'mingo/core';
import * as accumulators from 'mingo/operators/accumulator';
import * as expressions from 'mingo/operators/expression';
import * as stages from 'mingo/operators/pipeline';
import type { Options } from 'mingo/types';
import type { Document } from '../values/document.js';
import { comparisons } from './comparisons.js';
import { dateParts } from './date-parts.js';
import { dateToString } from './date-to-string.js';
import { dateTrunc } from './date-trunc.js';
import { accumulateExtreme } from './extremes.js';
import { medianExpression, percentileExpression } from './percentile.js';
import { OWN_STAGES } from './stages.js';

const OWN_EXPRESSIONS = {
  ...comparisons,
  ...dateParts,
  $dateTrunc: dateTrunc,
  $dateToString: dateToString,
  $percentile: percentileExpression,
  $median: medianExpression,
};

const OWN_ACCUMULATORS = { $min: accumulateExtreme(-1), $max: accumulateExtreme(1) };

/** Stages of the library that were not found right; asked for, they are refused. Scripts are never run. */
const REFUSED_STAGES = ['$out', '$bucketAuto', '$densify', '$fill', '$setWindowFields', '$graphLookup'];
const REFUSED_EXPRESSIONS = ['$function'];
const REFUSED_ACCUMULATORS = ['$accumulator'];

export const REFUSED: ReadonlySet<string> = new Set([
  ...REFUSED_STAGES,
  ...REFUSED_EXPRESSIONS,
  ...REFUSED_ACCUMULATORS,
]);

/** The stages, expressions and accumulators there are: the library's, with ours in the place of those that are wrong. */
export const STAGES: Readonly<Record<string, unknown>> = { ...stages, ...OWN_STAGES };
export const EXPRESSIONS: Readonly<Record<string, unknown>> = { ...expressions, ...OWN_EXPRESSIONS };
export const ACCUMULATORS: Readonly<Record<string, unknown>> = { ...accumulators, ...OWN_ACCUMULATORS };

// The options of an aggregation are of a class the library keeps to itself; a stage is where they can be had.
let captured: Options | undefined;
const captureOptions = (documents: never, _operand: never, options: Options): never => {
  captured = options;
  return documents;
};

const CONTEXT = Context.init({
  accumulator: ACCUMULATORS as never,
  expression: EXPRESSIONS as never,
  pipeline: { ...STAGES, $captureOptions: captureOptions } as never,
});

/** How expressions find other collections and the variables of `let`. */
export interface Surroundings {
  readonly variables?: Document;
  readonly documentsOf?: (collection: string) => Document[];
}

/** Prepared once for a command, since preparing copies every operator. */
export function optionsOf({ variables = {}, documentsOf = () => [] }: Surroundings): Options {
  const made = { variables, collectionResolver: documentsOf, context: CONTEXT, scriptEnabled: false };
  new Aggregator([{ $captureOptions: 1 }], made).run([]);
  if (!captured) throw new Error('mingo no longer hands its options to a stage');
  return captured;
}

export function evaluatorOf(surroundings: Surroundings): (expression: unknown, document: Document) => unknown {
  let options: Options | undefined;
  return (expression, document) => {
    options ??= optionsOf(surroundings);
    return evalExpr(document, expression, options);
  };
}
