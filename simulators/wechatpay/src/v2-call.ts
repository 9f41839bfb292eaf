/** wechatpay simulator · v2 call: one verified request, what it may say and what it is answered. */
import type { Exchange, SimulatedReply, SimulatedRequest } from '@polyrail/simulator';
import type { Merchant, Signer } from './merchants.ts';
import { resultFail } from './refusals.ts';
import type { Room } from './room.ts';
import type { Fields } from './v2-xml.ts';
import type { V2SignType } from './voice.ts';

export interface V2Call {
  readonly request: SimulatedRequest;
  readonly exchange: Exchange;
  readonly signer: Signer;
  /** Whose orders they are: the signer's own, or with `sub_mch_id` another's. */
  readonly merchant: Merchant;
  readonly fields: Fields;
  readonly signType: V2SignType;
}

/** Members of an answer; what is missing is not sent. */
export type V2Body = Readonly<Record<string, string | undefined>>;
export type V2Handler = (call: V2Call, room: Room) => V2Body;
/** Answers by itself. */
export type V2RawHandler = (call: V2Call, room: Room) => SimulatedReply;

const wrong = (name: string, rule: string): Error => resultFail('PARAM_ERROR', `${name}${rule}`);

/** A text of 1 to `maximum` characters. */
export function optionalField(
  { fields }: V2Call,
  name: string,
  maximum: number,
): string | undefined {
  const value = fields[name];
  if (value === undefined || value === '') return undefined;
  if (value.length > maximum) throw wrong(name, '参数长度有误');
  return value;
}

export function requiredField(call: V2Call, name: string, maximum: number): string {
  const value = optionalField(call, name, maximum);
  if (value === undefined) throw resultFail('LACK_PARAMS', `缺少参数${name}`);
  return value;
}

export function patternField(call: V2Call, name: string, pattern: RegExp): string {
  const value = requiredField(call, name, 128);
  if (!pattern.test(value)) throw wrong(name, '参数格式错误');
  return value;
}

/** Fen, whole, at least 1, written as a number is written. */
export const feeField = (call: V2Call, name: string): number =>
  Number(patternField(call, name, /^[1-9]\d{0,11}$/));

export const orderField = (call: V2Call): string =>
  patternField(call, 'out_trade_no', /^[0-9A-Za-z_\-|*@]{1,32}$/);

export function wordField(
  call: V2Call,
  name: string,
  words: readonly string[],
): string | undefined {
  const value = optionalField(call, name, 64);
  if (value !== undefined && !words.includes(value)) throw wrong(name, '参数取值错误');
  return value;
}

/** Where notifications go: without a query. */
export function addressField(call: V2Call, name: string): string | undefined {
  const url = optionalField(call, name, 256);
  if (url !== undefined && !/^https?:\/\/[^?\s]+$/i.test(url)) throw wrong(name, '参数格式错误');
  return url;
}
