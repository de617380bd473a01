import { describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { ValidDocuments } from './valid-documents.js';

const document = parse('{ __typename }');
const text = (name: string): string => name.repeat(32 * 1024);

describe('ValidDocuments', () => {
  it('gives back a document by its very text', () => {
    const documents = new ValidDocuments();
    documents.add('{ __typename }', document);
    expect(documents.find('{ __typename }')).toBe(document);
    expect(documents.find('{__typename}')).toBeUndefined();
  });

  it('holds so many characters, and forgets what was not used for longest', () => {
    const documents = new ValidDocuments();
    for (const name of ['a', 'b', 'c', 'd']) documents.add(text(name), document);
    documents.find(text('a'));
    documents.add('e', document);
    const held = ['a', 'b', 'c', 'd'].filter((name) => documents.find(text(name)));
    expect(held).toEqual(['a', 'c', 'd']);
  });
});
