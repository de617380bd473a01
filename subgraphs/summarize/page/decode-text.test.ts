import { describe, expect, it } from '@jest/globals';
import { decodeText } from './decode-text.js';

describe('decodeText', () => {
  const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
  const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');
  it.each<[string, Buffer, string, string]>([
    ['UTF-8 by its type', Buffer.from('mañana'), 'text/plain; charset=utf-8', 'mañana'],
    ['UTF-8 unsaid', Buffer.from('mañana'), 'text/plain', 'mañana'],
    ['UTF-8 by its mark, whatever its type says', Buffer.from('\ufeffmañana'), 'text/plain; charset=latin1', 'mañana'],
    ['ISO 8859-1 by its type', latin1('mañana'), 'text/plain; charset=ISO-8859-1', 'mañana'],
    ['windows-1252 by its type', Buffer.from([0x93, 0x68, 0x69, 0x94]), 'text/plain; charset="windows-1252"', '“hi”'],
    ['windows-1252 unsaid', Buffer.from([0x93, 0xe9, 0x94, 0x80]), 'text/plain', '“é”€'],
    ['Shift JIS by its type', Buffer.from([0x93, 0xfa, 0x96, 0x7b]), 'text/plain; charset=Shift_JIS', '日本'],
    ['GB 18030 by its type', Buffer.from([0xd6, 0xd0, 0xce, 0xc4]), 'text/plain; charset=gb18030', '中文'],
    ['EUC-KR by its type', Buffer.from([0xc7, 0xd1]), 'text/plain; charset=euc-kr', '한'],
    ['KOI8-R by its type', Buffer.from([0xcd, 0xc9, 0xd2]), 'text/plain; charset=koi8-r', 'мир'],
    ['UTF-16 by its mark', utf16('mañana'), 'text/plain', 'mañana'],
    ['UTF-16 big-endian by its mark', utf16('mañana').swap16(), 'text/plain', 'mañana'],
    ['UTF-16 by its type', Buffer.from('mañana', 'utf16le'), 'text/plain; charset=utf-16', 'mañana'],
    ['an unknown encoding', Buffer.from('mañana'), 'text/plain; charset=klingon', 'mañana'],
    ['what is broken', Buffer.from([0x68, 0x69, 0xff, 0x21]), 'text/plain; charset=utf-8', 'hi\ufffd!'],
    ['meta charset', latin1('<html><head><meta charset="iso-8859-1"></head><body><p>mañana'), 'text/html', 'mañana'],
    [
      'meta http-equiv',
      latin1('<meta http-equiv="Content-Type" content="text/html; charset=windows-1252"><p>mañana'),
      'text/html',
      'mañana',
    ],
    [
      'meta, unless its type says otherwise',
      Buffer.from('<html><head><meta charset="shift_jis"></head><body><p>mañana'),
      'text/html; charset=utf-8',
      'mañana',
    ],
    [
      'meta that claims UTF-16',
      Buffer.from('<html><head><meta charset="utf-16"></head><body><p>mañana'),
      'text/html',
      'mañana',
    ],
  ])('decodes %s', (_case, bytes, contentType, expected) => {
    expect(decodeText(bytes, contentType)).toContain(expected);
  });
});
