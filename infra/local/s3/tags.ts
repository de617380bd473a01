import { S3Error } from './s3-error.js';
import { all, document, element, parseXml, textOf } from './xml.js';

export type Tags = Readonly<Record<string, string>>;

const MAX_TAGS = 10;

/** Tags as the header `x-amz-tagging` has them: `class=artifact&x=y`. */
export function tagsOfHeader(header: string | undefined): Tags {
  return checked([...new URLSearchParams(header ?? '')]);
}

export function tagsOfXml(source: string): Tags {
  const root = parseXml(source);
  const tags = all(root, 'TagSet').flatMap((set) => all(set, 'Tag'));
  if (root.name !== 'Tagging') throw new S3Error('MalformedXML', 'A Tagging document is expected.');
  return checked(tags.map((tag) => [textOf(tag, 'Key') ?? '', textOf(tag, 'Value') ?? '']));
}

export function tagsXml(tags: Tags): string {
  const set = Object.entries(tags).map(([key, value]) =>
    element('Tag', [element('Key', key), element('Value', value)]),
  );
  return document('Tagging', [element('TagSet', set)]);
}

function checked(tags: readonly (readonly [string, string])[]): Tags {
  const keys = new Set(tags.map(([key]) => key));
  const valid = tags.every(([key, value]) => key !== '' && key.length <= 128 && value.length <= 256);
  if (!valid || keys.size !== tags.length || tags.length > MAX_TAGS) {
    throw new S3Error(
      'InvalidTag',
      'At most 10 tags, each key once, keys of 1 to 128 and values of up to 256 characters.',
    );
  }
  return Object.fromEntries(tags);
}
