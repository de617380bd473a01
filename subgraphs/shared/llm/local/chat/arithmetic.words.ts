/** What may stand before a sum in a folded message. */
export const ASKING =
  /^(?:hola[,.! ]*|hello[,.! ]*|hi[,.! ]*)?(?:por favor|please)?[, ]*(?:cuanto (?:es|son|da|vale)|calcula(?:me)?|cual es el resultado de|what(?: is|'s)|how much is|calculate|compute|solve)?[: ]*/;

/** Operators in words and other signs, as the parser has them. */
export const SPOKEN: readonly (readonly [RegExp, string])[] = [
  [/(\d)\s*%\s*(?:de|of)\s+/g, '$1 / 100 * '],
  [/\b(?:mas|plus)\b/g, '+'],
  [/\b(?:menos|minus)\b/g, '-'],
  [/\b(?:multiplicado por|multiplied by|por|times)\b/g, '*'],
  [/\b(?:dividido (?:entre|por)|divided by|entre|over)\b/g, '/'],
  [/\b(?:elevado a(?: la)?|to the power of)\b/g, '^'],
  [/[×·]/g, '*'],
  [/(\d\s*)x(?=\s*[\d(])/g, '$1*'],
  [/[÷]/g, '/'],
  [/[−–]/g, '-'],
  [/\*\*/g, '^'],
];
