/** wechatpay simulator · fields: reads members of v3 bodies and refuses what the channel refuses. */
import { invalid } from './refusals.ts';
import { parseIso } from './time.ts';
import type { Content } from './v3-request.ts';

/** An object of a request, and where it stands. */
export interface Source {
  readonly content: Content;
  /** Empty at the top, `/amount` below it. */
  readonly path: string;
  readonly location: 'body' | 'query';
}

export const bodySource = (content: Content): Source => ({ content, path: '', location: 'body' });
export const querySource = (content: Content): Source => ({ content, path: '', location: 'query' });

/** The way such refusals read: where, what kind of field, and which rule. */
export function wrong(source: Source, name: string, rule: string): Error {
  const { location, path, content } = source;
  const field = `${path}/${name}`;
  const value = content[name];
  const message = `输入源“/${location}${field}”映射到字段“${name}”规则校验失败，${rule}`;
  return invalid(field, message, {
    message,
    detail: { field, value: value === undefined ? '' : value, issue: rule, location },
  });
}

const isMissing = (value: unknown): boolean => value === undefined || value === null;

/** A text of 1 to `maximum` characters. */
export function optionalText(source: Source, name: string, maximum: number): string | undefined {
  const value = source.content[name];
  if (isMissing(value)) return undefined;
  if (typeof value !== 'string') throw wrong(source, name, '值类型不是字符串');
  if (value.length > maximum) {
    throw wrong(source, name, `字符数 ${value.length}，大于最大值 ${maximum}`);
  }
  return value === '' ? undefined : value;
}

export function requiredText(source: Source, name: string, maximum: number): string {
  const value = optionalText(source, name, maximum);
  if (value === undefined) throw wrong(source, name, '必填字段缺失');
  return value;
}

/** A text of a given shape. */
export function patternText(source: Source, name: string, pattern: RegExp): string {
  const value = requiredText(source, name, 128);
  if (!pattern.test(value)) throw wrong(source, name, '字符串不符合正则表达式');
  return value;
}

const orderPattern = /^[0-9A-Za-z_\-|*]{6,32}$/;
export const orderNumber = (source: Source): string =>
  patternText(source, 'out_trade_no', orderPattern);

/** A whole number, at least `lowest`. */
export function optionalWhole(source: Source, name: string, lowest: number): number | undefined {
  const value = source.content[name];
  if (isMissing(value)) return undefined;
  if (!Number.isSafeInteger(value)) throw wrong(source, name, '值类型不是整数');
  if (Number(value) < lowest) throw wrong(source, name, `值低于最小值 ${lowest}`);
  return Number(value);
}

export function requiredWhole(source: Source, name: string, lowest: number): number {
  const value = optionalWhole(source, name, lowest);
  if (value === undefined) throw wrong(source, name, '必填字段缺失');
  return value;
}

export function optionalObject(source: Source, name: string): Source | undefined {
  const value = source.content[name];
  if (isMissing(value)) return undefined;
  if (typeof value !== 'object' || Array.isArray(value))
    throw wrong(source, name, '值类型不是对象');
  const { path, location } = source;
  return { content: value as Content, path: `${path}/${name}`, location };
}

export function requiredObject(source: Source, name: string): Source {
  const value = optionalObject(source, name);
  if (value === undefined) throw wrong(source, name, '必填字段缺失');
  return value;
}

/** The objects of a list. */
export function objectList(source: Source, name: string): readonly Source[] {
  const value = source.content[name];
  if (isMissing(value)) return [];
  if (!Array.isArray(value)) throw wrong(source, name, '值类型不是数组');
  const { location } = source;
  return value.map((item, index) => {
    if (typeof item !== 'object' || item === null) throw wrong(source, name, '值类型不是对象');
    return { content: item as Content, path: `${source.path}/${name}/${index}`, location };
  });
}

/** One of a few words, if given. */
export function optionalWord<Word extends string>(
  source: Source,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const value = optionalText(source, name, 64);
  const word = words.find((one) => one === value);
  if (value !== undefined && word === undefined) throw wrong(source, name, '值不在枚举范围内');
  return word;
}

/** `amount.currency` is CNY or absent. */
export function requireCny(source: Source): void {
  const currency = optionalText(source, 'currency', 16);
  if (currency !== undefined && currency !== 'CNY') throw wrong(source, 'currency', '币种不支持');
}

/** RFC 3339 as milliseconds since the epoch. */
export function optionalMoment(source: Source, name: string): number | undefined {
  const text = optionalText(source, name, 64);
  const at = text === undefined ? undefined : parseIso(text);
  if (text !== undefined && at === undefined) throw wrong(source, name, '时间格式不符合rfc3339');
  return at;
}

/** Quirk: an address for notifications has no query. */
export function notifyAddress(source: Source, name: string): string | undefined {
  const url = optionalText(source, name, 256);
  if (url === undefined) return undefined;
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url) || url.includes('?')) {
    throw wrong(source, name, '通知地址必须为不带参数的http(s)地址');
  }
  return url;
}

export function requiredAddress(source: Source, name: string): string {
  const url = notifyAddress(source, name);
  if (url === undefined) throw wrong(source, name, '必填字段缺失');
  return url;
}

/** Refuses members nobody documented. */
export function onlyMembers(source: Source, known: readonly string[]): void {
  const extra = Object.keys(source.content).find((name) => !known.includes(name));
  if (extra === undefined) return;
  const message = '请求中含有未在API文档中定义的参数';
  const { path, location, content } = source;
  const detail = { field: `${path}/${extra}`, value: content[extra], issue: message, location };
  throw invalid(extra, message, { detail, internal: 270924358 });
}
