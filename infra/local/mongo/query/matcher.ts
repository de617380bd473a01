import { MongoError } from '../errors.js';
import { isDocument, type Document } from '../values/document.js';
import { segmentsOf, someValueAt } from '../values/path.js';
import { equalTo, OPERATORS, type LeafTest } from './operators.js';
import { withOptions } from './regex.js';

export type Matcher = (document: Document) => boolean;

/** Evaluates an aggregation expression on a document, for `$expr`. */
export type Evaluate = (expression: unknown, document: Document) => unknown;

/**
 * Compiles a filter to a function. Throws the errors MongoDB has for a filter that is not one, `BadValue` for an
 * operator it does not know.
 */
export function compileFilter(filter: Document, evaluate: Evaluate): Matcher {
  const tests = Object.entries(filter).flatMap(([name, operand]) =>
    name.startsWith('$') ? topLevel(name, operand, evaluate) : [compileField(name, operand, evaluate)],
  );
  const [first, second] = tests;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  if (tests.length === 2) return (document) => first(document) && second(document);
  return (document) => tests.every((test) => test(document));
}

function topLevel(name: string, operand: unknown, evaluate: Evaluate): Matcher[] {
  switch (name) {
    case '$comment':
      return [];
    case '$and':
      return clauses(name, operand, evaluate);
    case '$or': {
      const any = clauses(name, operand, evaluate);
      return [(document) => any.some((test) => test(document))];
    }
    case '$nor': {
      const none = clauses(name, operand, evaluate);
      return [(document) => !none.some((test) => test(document))];
    }
    case '$expr':
      return [(document) => isTruthy(evaluate(operand, document))];
    default:
      throw new MongoError(2, `unknown top level operator: ${name}`);
  }
}

/** As an expression's result counts as true: everything but false, null, zero and what is not there. */
export function isTruthy(value: unknown): boolean {
  return value !== false && value !== null && value !== undefined && value !== 0;
}

function clauses(name: string, operand: unknown, evaluate: Evaluate): Matcher[] {
  if (!Array.isArray(operand)) throw new MongoError(2, `${name} must be an array`);
  if (operand.length === 0) throw new MongoError(2, '$and/$or/$nor must be a nonempty array');
  return operand.map((clause: unknown) => {
    if (!isDocument(clause)) throw new MongoError(2, '$or/$and/$nor entries need to be full objects');
    return compileFilter(clause, evaluate);
  });
}

/** What a field's condition is, `{ field: 3 }` and `{ field: { $gt: 3 } }` alike. */
export function isOperators(condition: unknown): condition is Document {
  return isDocument(condition) && Object.keys(condition)[0]?.startsWith('$') === true;
}

function compileField(name: string, condition: unknown, evaluate: Evaluate): Matcher {
  const path = segmentsOf(name);
  const tests = compileCondition(condition, evaluate).map((test) => onPath(path, test));
  const [only] = tests;
  return tests.length === 1 && only ? only : (document) => tests.every((test) => test(document));
}

/** The tests that the value of one field must pass, all of them. */
function compileCondition(condition: unknown, evaluate: Evaluate): LeafTest[] {
  if (condition instanceof RegExp) return [operator('$regex', condition, evaluate)];
  if (!isOperators(condition)) return [equalTo(condition)];
  const { $options: options, ...operators } = condition;
  if (options !== undefined && operators['$regex'] === undefined) throw new MongoError(2, '$options needs a $regex');
  if (operators['$regex'] !== undefined) operators['$regex'] = withOptions(operators['$regex'], options);
  return Object.entries(operators).map(([name, operand]) => operator(name, operand, evaluate));
}

function operator(name: string, operand: unknown, evaluate: Evaluate): LeafTest {
  if (name === '$not') return negated(operand, evaluate);
  if (name === '$elemMatch') return elementMatch(operand, evaluate);
  if (name === '$all') return all(operand, evaluate);
  const make = OPERATORS[name];
  if (!make) throw new MongoError(2, `unknown operator: ${name}`);
  return make(operand);
}

function negated(operand: unknown, evaluate: Evaluate): LeafTest {
  if (!(operand instanceof RegExp) && !isOperators(operand)) {
    throw new MongoError(2, '$not needs a regex or a document');
  }
  return { kind: 'none', of: compileCondition(operand, evaluate) };
}

function elementMatch(operand: unknown, evaluate: Evaluate): LeafTest {
  if (!isDocument(operand)) throw new MongoError(2, '$elemMatch needs an Object');
  const test = elementTest(operand, evaluate);
  return { kind: 'whole', test: (leaf) => Array.isArray(leaf) && leaf.some(test) };
}

/** `{ $gt: 1 }` is about the element itself, `{ a: 1 }` about its fields. */
export function elementTest(operand: Document, evaluate: Evaluate): (element: unknown) => boolean {
  const first = Object.keys(operand)[0] ?? '';
  if (first.startsWith('$') && !['$and', '$or', '$nor', '$expr'].includes(first)) {
    const tests = compileCondition(operand, evaluate).map((test) => onPath([], test));
    return (element) => tests.every((test) => test(element as Document));
  }
  const matches = compileFilter(operand, evaluate);
  return (element) =>
    isDocument(element) ? matches(element) : Array.isArray(element) && matches(Object.fromEntries(element.entries()));
}

function all(operand: unknown, evaluate: Evaluate): LeafTest {
  if (!Array.isArray(operand)) throw new MongoError(2, '$all needs an array');
  const tests = operand.map((wanted: unknown) =>
    isDocument(wanted) && '$elemMatch' in wanted
      ? elementMatch(wanted['$elemMatch'], evaluate)
      : (compileCondition(wanted, evaluate)[0] ?? equalTo(wanted)),
  );
  if (tests.length === 0) return { kind: 'whole', test: () => false };
  return { kind: 'every', of: tests };
}

/** Puts a test at the end of a path: negations hold when no value there passes what they negate. */
function onPath(path: readonly string[], test: LeafTest): Matcher {
  switch (test.kind) {
    case 'whole':
      return (document) => someValueAt(document, path, test.test);
    case 'each': {
      const passes = test.test;
      return (document) =>
        someValueAt(document, path, (leaf) => passes(leaf) || (Array.isArray(leaf) && leaf.some(passes)));
    }
    case 'none': {
      const inner = test.of.map((one) => onPath(path, one));
      return (document) => !inner.every((one) => one(document));
    }
    default: {
      const inner = test.of.map((one) => onPath(path, one));
      return (document) => inner.every((one) => one(document));
    }
  }
}
