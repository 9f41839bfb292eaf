/** alipay · seal: puts our signature on requests, takes Alipay's off replies and notifications. */
import type { KeyObject } from 'node:crypto';
import { type Clock, PolyrailError } from '@polyrail/core';
import { formEncode, joinPairs, sortedPairs } from '@polyrail/kit/canonical';
import { decodeText, encodeText } from '@polyrail/kit/charset';
import { verifyRsa } from '@polyrail/kit/rsa';
import type { Method } from './codes.ts';
import { badConfig, type Settings } from './config.ts';
import type { Message } from './messages.ts';
import { membersOf, parseJson, withPlainSlashes } from './raw-json.ts';
import { wallTime } from './time.ts';
import { type Trust, trustOf } from './trust.ts';

/** A call in the channel's words, before it is sealed. */
export interface Order {
  readonly method: string;
  /** Becomes `biz_content`. */
  readonly fields: object;
  readonly notifyUrl?: string | undefined;
  readonly returnUrl?: string | undefined;
}

export type Pair = readonly [name: string, value: string];
type Charset = Settings['charset'];

export interface Seal {
  /** The whole request, signed: parameters sorted by name, `sign` last. */
  seal(order: Order): Promise<Pair[]>;
  /** The verified node of a reply. */
  openReply(method: Method, body: Uint8Array): Message;
  /** Whether the fields of a notification carry Alipay's signature. */
  verifies(fields: Readonly<Record<string, string>>, charset: Charset): boolean;
  /** Signs a probe: everything that can be checked without sending anything. */
  proveSigner(): Promise<void>;
}

/**
 * Parameters as a form. Their names are plain; in UTF-8 the engine's own escape is several times
 * as fast as one that knows charsets, and this runs for every call.
 */
export const formOf = (pairs: readonly Pair[], charset: Charset): string =>
  charset === 'utf-8'
    ? pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
    : formEncode(pairs, charset);

const isBase64 = (text: string): boolean =>
  text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);

const bytesOf = (text: string, charset: Charset): Uint8Array | string =>
  charset === 'utf-8' ? text : encodeText(text, charset, { fatal: false });

/**
 * `biz_content` as text. In a GBK request what lies outside ASCII is escaped: GBK has not every
 * character a description may hold, and JSON has.
 */
export function contentOf(fields: object, charset: Charset): string {
  const json = JSON.stringify(fields);
  if (charset === 'utf-8') return json;
  return json.replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `sign_type` belongs to a request's text; of a notification's it is left out (§3, §15.4). */
export const requestText = (fields: Readonly<Record<string, string | undefined>>): string =>
  joinPairs(sortedPairs(fields, { omit: ['sign'] }));
export const notificationText = (fields: Readonly<Record<string, string | undefined>>): string =>
  joinPairs(sortedPairs(fields, { omit: ['sign', 'sign_type'] }));

function unverified(message: string, node?: unknown): PolyrailError {
  const hint = typeof node === 'object' && node !== null ? (node as Message) : {};
  const code = hint.sub_code ?? hint.code;
  return new PolyrailError('REPLY_UNVERIFIED', message, {
    doubt: 'unverified-reply',
    ...(typeof code === 'string' ? { channelCode: code.slice(0, 64) } : {}),
  });
}

const unreadable = (message: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', message, { doubt: 'unreadable-reply' });

function readText(body: Uint8Array, charset: Charset): string {
  try {
    return decodeText(body, charset, { fatal: true });
  } catch {
    throw unreadable(`The reply is not in ${charset}, the charset that was asked for`);
  }
}

/** The raw node of a reply with what stands beside it; nothing of it is verified yet. */
export function splitReply(method: string, text: string) {
  const members = membersOf(text);
  const names = [`${method.replaceAll('.', '_')}_response`, 'error_response'];
  const [name, second] = names.filter((candidate) => members.has(candidate));
  if (name === undefined || second !== undefined) {
    throw unreadable(`The reply has not exactly one node ${names.join(' or ')}`);
  }
  const raw = (member: string): string | undefined => {
    const slice = members.get(member);
    return slice && text.slice(slice.start, slice.end);
  };
  const textual = (member: string): string | undefined => {
    const value = raw(member);
    return value?.startsWith('"') ? (parseJson(value) as string) : undefined;
  };
  return {
    node: raw(name) ?? '',
    isError: name === 'error_response',
    sign: textual('sign'),
    serial: textual('alipay_cert_sn'),
  };
}

/** Verifies the raw node of a reply and reads it. Members that stand twice are refused first. */
export function openNode(
  reply: ReturnType<typeof splitReply>,
  key: { readonly key: KeyObject; readonly settings: Settings },
): Message {
  const { hash, charset } = key.settings;
  if (!reply.node.startsWith('{')) throw unreadable('The reply is encrypted or no object');
  membersOf(reply.node);
  const node = parseJson(reply.node) as Message;
  const { sign, isError } = reply;
  // The signature does not cover the node's name: a success does not become one by another name.
  if (isError && String(node.code).startsWith('1')) throw unreadable('An error tells a success');
  if (sign === undefined || !isBase64(sign)) throw unverified('The reply is not signed', node);
  const signature = Buffer.from(sign, 'base64');
  const signedOver = (text: string) => verifyRsa(hash, key.key, bytesOf(text, charset), signature);
  if (signedOver(reply.node)) return node;
  // Quirk: some nodes are signed as they read before `/` was escaped (§4.2). Same values, either way.
  const plain = withPlainSlashes(reply.node);
  if (plain !== reply.node && signedOver(plain)) return node;
  throw unverified("The reply's signature is not Alipay's over these bytes", node);
}

/**
 * Quirk: a complaint about our signature quotes the whole text that was signed, payment code
 * included. The quotation is cut off before anybody can log it.
 */
function withoutQuotation(node: Message): Message {
  if (node.sub_code !== 'isv.invalid-signature' || typeof node.sub_msg !== 'string') return node;
  return { ...node, sub_msg: node.sub_msg.split(/网关生成的验签字符串|\w+=/)[0] ?? '' };
}

function createSigner(settings: Settings, clock: Clock, trust: () => Trust) {
  const { appId, charset, signType } = settings;
  return async (order: Order): Promise<Pair[]> => {
    const { sign, serials } = trust();
    const pairs: Pair[] = sortedPairs({
      app_id: appId,
      method: order.method,
      format: 'JSON',
      charset,
      sign_type: signType,
      timestamp: wallTime(clock.now()),
      version: '1.0',
      notify_url: order.notifyUrl,
      return_url: order.returnUrl,
      app_cert_sn: serials?.merchant,
      alipay_root_cert_sn: serials?.root,
      biz_content: contentOf(order.fields, charset),
    });
    const signature = await sign(encodeText(joinPairs(pairs), charset));
    pairs.push(['sign', Buffer.from(signature).toString('base64')]);
    return pairs;
  };
}

/** The seal of one merchant. Makes nothing and parses nothing before its first use. */
export function createSeal(settings: Settings, clock: Clock): Seal {
  const parsed = trustOf(settings);
  const trust = () => parsed(clock.now());
  const { hash } = settings;
  return {
    seal: createSigner(settings, clock, trust),
    openReply(method, body) {
      const { platformKey, serials } = trust();
      const reply = splitReply(method, readText(body, settings.charset));
      if (serials && reply.serial !== undefined && reply.serial !== serials.platform) {
        throw unverified('The reply names another Alipay certificate than the configured one');
      }
      return withoutQuotation(openNode(reply, { key: platformKey, settings }));
    },
    async proveSigner() {
      const { sign, merchantKey } = trust();
      const probe = new TextEncoder().encode('polyrail');
      const signature = await sign(probe);
      if (merchantKey === undefined || verifyRsa(hash, merchantKey, probe, signature)) return;
      throw badConfig('merchantKey', 'does not sign as certificates.merchant says');
    },
    verifies(fields, charset) {
      const { sign } = fields;
      if (sign === undefined || !isBase64(sign)) return false;
      const text = bytesOf(notificationText(fields), charset);
      return verifyRsa(hash, trust().platformKey, text, Buffer.from(sign, 'base64'));
    },
  };
}
