/** alipay simulator · fields: reads members of `biz_content` and refuses what Alipay refuses. */
import { refuse } from './codes.ts';
import { type Content, readContent } from './envelope.ts';
import { isDayText } from './time.ts';

const invalid = (name: string, rule: string): Error =>
  refuse('ACQ.INVALID_PARAMETER', {
    text: `+：${name}`,
    field: name,
    note: `${name} must be ${rule}`,
  });

/** A text of at most `maximum` characters; numbers count as their text. */
export function optionalText(content: Content, name: string, maximum: number): string | undefined {
  const value = content[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw invalid(name, 'a text');
  if (value.length > maximum) throw invalid(name, `at most ${maximum} characters long`);
  return value;
}

export function requiredText(content: Content, name: string, maximum: number): string {
  const value = optionalText(content, name, maximum);
  if (value === undefined) throw invalid(name, 'given');
  return value;
}

/** Letters, digits and underscores, at most 64. */
export function orderNumber(content: Content, name = 'out_trade_no'): string {
  const value = requiredText(content, name, 64);
  if (!/^[A-Za-z0-9_]+$/.test(value)) throw invalid(name, 'letters, digits and underscores');
  return value;
}

const amountPattern = /^(\d{1,12})(?:\.(\d{1,2}))?$/;

/** Yuan with at most two decimals, as fen; at least 1. */
export function optionalAmount(content: Content, name: string): number | undefined {
  const text = optionalText(content, name, 32);
  if (text === undefined) return undefined;
  const parts = amountPattern.exec(text);
  if (parts === null) throw invalid(name, 'yuan with at most two decimals');
  const [, yuan = '', fraction = ''] = parts;
  const fen = Number(yuan + fraction.padEnd(2, '0'));
  if (fen < 1) throw invalid(name, 'at least 0.01');
  return fen;
}

export function requiredAmount(content: Content, name: string): number {
  const fen = optionalAmount(content, name);
  if (fen === undefined) throw invalid(name, 'given');
  return fen;
}

/** Fen as yuan with two decimals. */
export const yuan = (fen: number): string => {
  const digits = String(Math.abs(fen)).padStart(3, '0');
  return `${fen < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

/** A whole number from 1 to `highest`. */
export function optionalCount(content: Content, name: string, highest: number): number | undefined {
  const text = optionalText(content, name, 16);
  if (text === undefined) return undefined;
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > highest) throw invalid(name, `a whole number from 1 to ${highest}`);
  return count;
}

/** An object inside; some clients write it as JSON text. */
export function optionalObject(content: Content, name: string): Content | undefined {
  const value = content[name];
  if (value === undefined || value === null || value === '') return undefined;
  const read = typeof value === 'string' ? readContent(value) : value;
  if (typeof read !== 'object' || Array.isArray(read)) throw invalid(name, 'an object');
  return read as Content;
}

export function requiredObject(content: Content, name: string): Content {
  const value = optionalObject(content, name);
  if (value === undefined) throw invalid(name, 'given');
  return value;
}

/** A day written `yyyy-MM-dd`. */
export function requiredDay(content: Content, name: string): string {
  const text = requiredText(content, name, 10);
  if (!isDayText(text)) throw invalid(name, 'a day written yyyy-MM-dd');
  return text;
}

/** One of a few words. */
export function requiredWord(content: Content, name: string, words: readonly string[]): string {
  const value = oneOf(content, name, words);
  if (value === undefined) throw invalid(name, 'given');
  return value;
}

/** One of a few words, if given. */
export function oneOf(
  content: Content,
  name: string,
  words: readonly string[],
): string | undefined {
  const value = optionalText(content, name, 64);
  if (value !== undefined && !words.includes(value)) throw invalid(name, `one of ${words}`);
  return value;
}

/** The names in a list of texts such as `query_options`. */
export function textList(content: Content, name: string): readonly string[] {
  const value = content[name];
  if (value === undefined || value === null || value === '') return [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw invalid(name, 'a list of texts');
}

const goodsMembers = ['goods_id', 'goods_name', 'quantity', 'price'];

/** `goods_detail` is not kept, but judged: each line needs its id, name, quantity and price. */
export function checkGoods(content: Content): void {
  const goods = content['goods_detail'];
  if (goods === undefined || goods === null) return;
  if (!Array.isArray(goods)) throw invalid('goods_detail', 'a list');
  for (const item of goods) {
    const line: Content = typeof item === 'object' && item !== null ? item : {};
    const missing = goodsMembers.find((name) => line[name] === undefined || line[name] === '');
    if (missing !== undefined) throw invalid(`goods_detail.${missing}`, 'given');
  }
}

export { invalid as invalidField };
