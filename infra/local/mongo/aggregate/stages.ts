import { Aggregator } from 'mingo/aggregator';
import { evalExpr } from 'mingo/core';
import { Lazy, type Iterator } from 'mingo/lazy';
import { $redact } from 'mingo/operators/pipeline';
import type { Options } from 'mingo/types';
import { MongoError } from '../errors.js';
import { compileFilter } from '../query/matcher.js';
import { sorted } from '../query/sort.js';
import { copyOf, isDocument, type Document } from '../values/document.js';
import { addFields, unset } from './add-fields.js';
import { group } from './group.js';
import { compileProjection } from './projection.js';
import { unwind } from './unwind.js';

/** The stages in the place of the library's. None changes a document it is given: those are the stored ones. */
export const OWN_STAGES = {
  $match: match,
  $group: group,
  $sort: sort,
  $count: count,
  $facet: facet,
  $unwind: unwind,
  $addFields: addFields,
  $set: addFields,
  $unset: unset,
  $project: project,
  $sortByCount: sortByCount,
  $redact: (documents: Iterator, operand: never, options: never): Iterator =>
    $redact(documents.map<Document>(copyOf), operand, options),
};

function match(documents: Iterator, operand: unknown, options: Options): Iterator {
  if (!isDocument(operand)) throw new MongoError(15959, 'the match filter must be an expression in an object');
  const matches = compileFilter(operand, (expression, document) => evalExpr(document, expression, options));
  return documents.filter<Document>(matches);
}

function sort(documents: Iterator, operand: unknown): Iterator {
  if (!isDocument(operand) || Object.keys(operand).length === 0) {
    throw new MongoError(15976, '$sort stage must have at least one sort key');
  }
  return documents.transform<Document>((all) => Lazy(sorted(all, operand)));
}

/** Of nothing there is no row at all, where the library gives a row that says zero. */
function count(documents: Iterator, operand: unknown): Iterator {
  if (typeof operand !== 'string' || operand === '') {
    throw new MongoError(40156, 'the count field must be a non-empty string');
  }
  if (operand.startsWith('$')) throw new MongoError(40158, `the count field cannot be a $-prefixed path`);
  if (operand.includes('.')) throw new MongoError(40160, `the count field cannot contain '.'`);
  return documents.transform<Document>((all) => Lazy(all.length === 0 ? [] : [{ [operand]: all.length }]));
}

/** Gives every branch the same documents, where the library copies them all for each. */
function facet(documents: Iterator, operand: unknown, options: Options): Iterator {
  if (!isDocument(operand) || Object.keys(operand).length === 0) {
    throw new MongoError(40169, 'the $facet specification must be a non-empty object');
  }
  return documents.transform<Document>((all) => {
    const row: Document = {};
    for (const [name, pipeline] of Object.entries(operand)) {
      row[name] = new Aggregator(pipeline as Document[], options).run([...all]);
    }
    return Lazy([row]);
  });
}

function project(documents: Iterator, operand: unknown, options: Options): Iterator {
  if (!isDocument(operand)) throw new MongoError(15969, '$project specification must be an object');
  if (Object.keys(operand).length === 0) {
    throw new MongoError(
      51272,
      'Invalid $project :: caused by :: projection specification must have at least one field',
    );
  }
  const evaluate = (expression: unknown, document: Document): unknown => evalExpr(document, expression, options);
  return documents.map<Document, Document>(compileProjection(operand, evaluate));
}

function sortByCount(documents: Iterator, operand: unknown, options: Options): Iterator {
  return sort(group(documents, { _id: operand, count: { $sum: 1 } }, options), { count: -1 });
}
