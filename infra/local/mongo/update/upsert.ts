import { ObjectId } from 'bson';
import { MongoError } from '../errors.js';
import { isOperators } from '../query/matcher.js';
import { isDocument, type Document } from '../values/document.js';
import { sameValue } from '../values/order.js';
import { segmentsOf } from '../values/path.js';
import { withValueAt } from '../aggregate/add-fields.js';
import type { Update } from './compile-update.js';

/** The document that an upsert inserts: what the filter says its fields equal, then the update, then an `_id` if there is none. */
export function upsertedDocument(filter: Document, update: unknown, apply: Update): Document {
  const isReplacement = isDocument(update) && !isOperators(update);
  const fields = equalFields(filter);
  const base = isReplacement ? { ...('_id' in fields && { _id: fields['_id'] }) } : nested(fields);
  const { _id: id = new ObjectId(), ...rest } = apply(base, true);
  return { _id: id, ...rest };
}

function nested(fields: Document): Document {
  return Object.entries(fields).reduce<Document>(
    (made, [path, value]) => withValueAt(made, segmentsOf(path), value),
    {},
  );
}

function equalFields(filter: Document): Document {
  const found: Document = {};
  const note = (field: string, value: unknown): void => {
    if (field in found && !sameValue(found[field], value)) {
      throw new MongoError(54, `cannot infer query fields to set, path '${field}' is matched twice`);
    }
    found[field] = value;
  };
  for (const [field, condition] of Object.entries(filter)) {
    if (field === '$and' && Array.isArray(condition)) {
      for (const clause of condition.filter(isDocument)) {
        for (const [inner, value] of Object.entries(equalFields(clause))) note(inner, value);
      }
    } else if (!field.startsWith('$')) {
      const value = equalValue(condition);
      if (value) note(field, value.is);
    }
  }
  return found;
}

function equalValue(condition: unknown): { is: unknown } | undefined {
  if (condition instanceof RegExp) return undefined;
  if (!isOperators(condition)) return { is: condition };
  if ('$eq' in condition) return { is: condition['$eq'] };
  const { $all: all, $in: list } = condition;
  const only = Array.isArray(all) ? all : list;
  return Array.isArray(only) && only.length === 1 ? { is: only[0] } : undefined;
}
