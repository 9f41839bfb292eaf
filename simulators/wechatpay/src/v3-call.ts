/** wechatpay simulator · v3 call: one verified request, and what it is answered with. */
import type { Exchange, SimulatedReply, SimulatedRequest } from '@polyrail/simulator';
import { bodySource, optionalText, type Source } from './fields.ts';
import type { Merchant, PlatformKey, Signer } from './merchants.ts';
import { invalid, refuseV3 } from './refusals.ts';
import type { Room } from './room.ts';
import type { Content } from './v3-request.ts';
import type { Voice } from './voice.ts';

export interface V3Call {
  readonly request: SimulatedRequest;
  readonly exchange: Exchange;
  readonly signer: Signer;
  /** The signer's own. */
  readonly merchant: Merchant;
  /** Of the path, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly content: Content;
  /** Keys of the platform that this merchant may know. */
  readonly platformKeys: readonly PlatformKey[];
  readonly voice: Voice;
}

/** `undefined` is 204. */
export type V3Body = object | undefined;
export type V3Handler = (call: V3Call, room: Room) => V3Body | Promise<V3Body>;
/** Answers by itself, unsigned. */
export type V3RawHandler = (call: V3Call, room: Room) => SimulatedReply;

export const bodyOf = (call: V3Call): Source => bodySource(call.content);

const mismatch = (field: string, value: unknown, location: 'body' | 'query') =>
  refuseV3(400, 'PARAM_ERROR', {
    message: 'http header中的mchid与post payload中的mchid不匹配',
    detail: { field: `/${field}`, value, issue: 'mchid mismatch', location },
  });

/** The merchant a `mchid` means: the one who signed, and nobody else. */
export function requireSelf(call: V3Call, given: unknown, location: 'body' | 'query'): Merchant {
  if (given !== call.signer.mchid) throw mismatch('mchid', given ?? '', location);
  return call.merchant;
}

/** The merchant of a service provider that a `sub_mchid` means. */
export function requireSub(call: V3Call, given: unknown, location: 'body' | 'query'): Merchant {
  const { sub } = call.merchant;
  if (sub === undefined || given !== sub.mchid) throw mismatch('sub_mchid', given ?? '', location);
  return sub;
}

/** With a `sub_mchid` that merchant, without the signer itself. */
export const ownOrSub = (call: V3Call, given: unknown, location: 'body' | 'query'): Merchant =>
  given === undefined || given === '' ? call.merchant : requireSub(call, given, location);

/** A member that must be encrypted for the key `Wechatpay-Serial` names; absent ones stay absent. */
export function openSecret(call: V3Call, source: Source, name: string): string | undefined {
  const text = optionalText(source, name, 2_048);
  if (text === undefined) return undefined;
  const { 'wechatpay-serial': serial = '' } = call.request.headers;
  if (serial === '') {
    const message = 'HTTP header缺少微信支付平台证书序列号(Wechatpay-Serial)';
    throw refuseV3(400, 'PARAM_ERROR', { message });
  }
  const key = call.platformKeys.find(({ id }: PlatformKey) => id === serial);
  if (key === undefined) {
    throw refuseV3(400, 'PARAM_ERROR', { message: '平台证书序列号Wechatpay-Serial错误' });
  }
  const plain = key.privateHalf.open(text);
  if (plain !== undefined) return plain;
  throw invalid(`${source.path}/${name}`, '解密失败，请确认待处理的消息是否为加密后的密文');
}
