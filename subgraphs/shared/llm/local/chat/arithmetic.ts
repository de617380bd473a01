import { ASKING, SPOKEN } from './arithmetic.words.js';
import type { Language } from './language.js';

export type Calculation = { readonly expression: string; readonly value: number } | null;

const LONGEST = 200;
const DEEPEST = 40;

/**
 * The sum that a message asks for, worked out; null when it asks for none. Knows + - * / ^, parentheses, `15 % of 80`, and the
 * operators in Spanish and English words. Nothing is evaluated as code. `message` is folded.
 */
export function calculate(message: string, language: Language): Calculation {
  if (message.length > LONGEST || !/\d/.test(message) || /^\d{4}-\d{1,2}-\d{1,2}$/.test(message)) return null;
  let expression = message.replace(ASKING, '').replace(/[\s=?!.]+$/, '');
  for (const [spoken, sign] of SPOKEN) expression = expression.replace(spoken, sign);
  const tokens = tokensOf(expression, language);
  if (!tokens || !tokens.some((token, at) => at > 0 && typeof token === 'string' && '+-*/^'.includes(token)))
    return null;
  const value = new Parser(tokens).parse();
  return value === null ? null : { expression: written(tokens, language), value };
}

type Token = number | string;

function tokensOf(expression: string, language: Language): Token[] | null {
  const tokens: Token[] = [];
  for (const part of expression.match(/\d+(?:[.,]\d+)*|[-+*/^()]|\S+?/g) ?? []) {
    if (/^\d/.test(part)) tokens.push(numberOf(part, language));
    else if (/^[-+*/^()]$/.test(part)) tokens.push(part);
    else return null;
  }
  return tokens;
}

/** `1.234,5` in Spanish and `1,234.5` in English; a lone separator before other than three digits is a decimal one in both. */
function numberOf(text: string, language: Language): number {
  const decimal =
    /^\d+[.,]\d+$/.test(text) && !/[.,]\d{3}$/.test(text) ? /[.,]/.exec(text)?.[0] : language === 'es' ? ',' : '.';
  const grouping = decimal === ',' ? '.' : ',';
  return Number(text.replaceAll(grouping, '').replace(decimal ?? '.', '.'));
}

function written(tokens: readonly Token[], language: Language): string {
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 20, useGrouping: false });
  const parts = tokens.map((token) => (typeof token === 'number' ? number.format(token) : token));
  return parts.join(' ').replaceAll('( ', '(').replaceAll(' )', ')');
}

/** Recursive descent; null where the tokens are no expression. */
class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  parse(): number | null {
    const value = this.sum();
    return this.at === this.tokens.length ? value : null;
  }

  private take(signs: string): string | null {
    const token = this.tokens[this.at];
    if (typeof token !== 'string' || !signs.includes(token)) return null;
    this.at += 1;
    return token;
  }

  private sum(): number | null {
    let left = this.product();
    for (let sign = this.take('+-'); sign !== null; sign = this.take('+-')) {
      const right = this.product();
      if (left === null || right === null) return null;
      left = sign === '+' ? left + right : left - right;
    }
    return left;
  }

  private product(): number | null {
    let left = this.power();
    for (let sign = this.take('*/'); sign !== null; sign = this.take('*/')) {
      const right = this.power();
      if (left === null || right === null) return null;
      left = sign === '*' ? left * right : left / right;
    }
    return left;
  }

  /** Binds tighter than a sign before it, and to the right: -2^2 is -4, 2^3^2 is 512. */
  private power(): number | null {
    if (this.depth > DEEPEST) return null;
    this.depth += 1;
    const negative = this.take('+-') === '-';
    let value = negative ? this.power() : this.operand();
    if (!negative && value !== null && this.take('^') !== null) {
      const exponent = this.power();
      value = exponent === null ? null : value ** exponent;
    }
    this.depth -= 1;
    return negative && value !== null ? -value : value;
  }

  private operand(): number | null {
    if (this.take('(') !== null) {
      const value = this.sum();
      return this.take(')') === null ? null : value;
    }
    const token = this.tokens[this.at];
    if (typeof token !== 'number') return null;
    this.at += 1;
    return token;
  }
}
