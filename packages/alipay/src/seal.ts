/** alipay · seal: trust on messages of gateway.do - requests, replies, and notifications. */
import { type Clock, PolyrailError, revealText, type TransportRequest } from '@polyrail/core';
import { base64Bytes } from '@polyrail/kit/base64';
import {
  createRedrawnCheck,
  formEncode,
  joinPairs,
  type SortedFields,
  sortedFields,
  sortedPairs,
} from '@polyrail/kit/canonical';
import { decodeText, encodeText } from '@polyrail/kit/charset';
import { badConfig } from '@polyrail/kit/config';
import type { PublicKey } from './algorithm.ts';
import { type Cipher, cipherOf } from './cipher.ts';
import type { Settings } from './config.ts';
import { type Message, textOf } from './messages.ts';
import { createPlatformKeys, type Download, type PlatformKeys } from './platform-keys.ts';
import { membersOf, parseJson, withPlainSlashes } from './raw-json.ts';
import { type Order, type Protocol, type Reply, type Road, serverError } from './road.ts';
import { wallTime } from './time.ts';
import { type Trust, trustOf } from './trust.ts';

export type Pair = readonly [name: string, value: string];
type Charset = Settings['charset'];

export interface NotificationForm {
  readonly charset: Charset;
  /** Which fields stand outside the signature, beside `sign`. */
  readonly omit: readonly string[];
  readonly signal: AbortSignal;
}

/** Trust on messages of gateway.do, and what every protocol of Alipay builds on. */
export interface Seal extends Protocol {
  readonly trust: () => Promise<Trust>;
  readonly keys: PlatformKeys;
  /** A request that the payer's browser or app carries: parameters by name, `sign` last. */
  handOver(order: Order): Promise<Pair[]>;
  /** Whether the fields of a notification carry Alipay's signature. */
  verifies(fields: Readonly<Record<string, string>>, form: NotificationForm): Promise<boolean>;
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
export const signedFields = (
  fields: Readonly<Record<string, string | undefined>>,
  omit: readonly string[] = [],
): SortedFields => sortedFields(fields, { omit: ['sign', ...omit] });

/** What pushes decide something by, and the fields that every one has. */
const redrawn = createRedrawnCheck(
  (
    'app_id auth_app_id charset sign_type version notify_type notify_id notify_time msg_method ' +
    'utc_timestamp biz_content seller_id payee_user_id out_trade_no trade_no trade_status ' +
    'total_amount buyer_pay_amount receipt_amount refund_fee gmt_payment out_biz_no out_request_no ' +
    'out_order_no order_id auth_no operation_id operation_type status amount trans_amount ' +
    'rest_amount total_freeze_amount total_pay_amount total_unfreeze_amount dback_status ' +
    'agreement_no external_agreement_no action'
  ).split(' '),
);

const isText = (entry: [string, unknown]): entry is [string, string] =>
  typeof entry[1] === 'string';

/**
 * What Alipay repeats in a push - description, body, parameters to pass back - must not read like
 * fields of it, or the genuine push could not be believed.
 *
 * @throws PolyrailError `REQUEST_INVALID`
 */
export function requireUndrawn(fields: object): void {
  redrawn.requireSendable(Object.fromEntries(Object.entries(fields).filter(isText)));
}

/** The code an unverified node names, to show: nothing is decided by it. */
function hintOf(raw: string): string | undefined {
  if (!raw.startsWith('{')) return undefined;
  const node = parseJson(raw) as Message;
  const code = node.sub_code ?? node.code;
  return typeof code === 'string' ? code.slice(0, 64) : undefined;
}

function unverified(message: string, raw: string): PolyrailError {
  const channelCode = hintOf(raw);
  return new PolyrailError('REPLY_UNVERIFIED', message, {
    doubt: 'unverified-reply',
    ...(channelCode === undefined ? {} : { channelCode }),
  });
}

const unreadable = (message: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', message, { doubt: 'unreadable-reply' });

export function readText(body: Uint8Array, charset: Charset): string {
  try {
    return decodeText(body, charset, { fatal: true });
  } catch {
    throw unreadable(`The reply is not in ${charset}, the charset that was asked for`);
  }
}

/** The raw node of a reply with what stands beside it; nothing of it is verified yet. */
export interface SplitReply {
  readonly node: string;
  readonly isError: boolean;
  readonly sign: string | undefined;
  readonly serial: string | undefined;
}

export function splitReply(method: string, text: string): SplitReply {
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

interface NodeForm {
  readonly charset: Charset;
  readonly cipher?: Cipher | undefined;
}

/** Throws unless one of the keys signed the raw node. */
export function requireSigned(
  reply: SplitReply,
  keys: readonly PublicKey[],
  { charset }: NodeForm,
): void {
  const { node, sign } = reply;
  const signature = base64Bytes(sign ?? '');
  if (signature === undefined) throw unverified('The reply is not signed', node);
  const signedOver = (text: string): boolean => {
    const bytes = bytesOf(text, charset);
    return keys.some((key) => key.verifies(bytes, signature));
  };
  if (signedOver(node)) return;
  // Quirk: some nodes are signed as they read before `/` was escaped (§4.2). Same values, either way.
  const plain = withPlainSlashes(node);
  if (plain !== node && signedOver(plain)) return;
  throw unverified("The reply's signature is not Alipay's over these bytes", node);
}

/**
 * The node as an object: encrypted ones are a JSON text with the ciphertext. Members that stand
 * twice are refused.
 */
function readNode(raw: string, { charset, cipher }: NodeForm): Message {
  let json = raw;
  if (raw.startsWith('"') && cipher !== undefined) {
    json = readText(cipher.decrypt(parseJson(raw) as string), charset);
  }
  membersOf(json);
  return parseJson(json) as Message;
}

/** Verifies the raw node of a reply, then decrypts and reads it. */
export function openNode(reply: SplitReply, keys: readonly PublicKey[], form: NodeForm): Message {
  if (!/^["{]/.test(reply.node)) throw unreadable('The node of the reply is no object');
  if (reply.node.startsWith('"') && form.cipher === undefined) {
    throw unreadable('The reply is encrypted, but no encryptionKey is configured');
  }
  requireSigned(reply, keys, form);
  const node = readNode(reply.node, form);
  // The signature does not cover the node's name: a success does not become one by another name.
  if (reply.isError && String(node.code).startsWith('1'))
    throw unreadable('An error tells a success');
  return node;
}

/**
 * Quirk: a complaint about our signature quotes the whole text that was signed, payment code
 * included. The quotation is cut off before anybody can log it.
 */
function withoutQuotation(node: Message): Message {
  if (node.sub_code !== 'isv.invalid-signature' || typeof node.sub_msg !== 'string') return node;
  return { ...node, sub_msg: node.sub_msg.split(/网关生成的验签字符串|\w+=/)[0] ?? '' };
}

interface SealParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly trust: () => Promise<Trust>;
  readonly cipher: Cipher | undefined;
}

/** Parameters of a request, signed: sorted by name, `sign` last. */
async function signedPairs(order: Order, parts: SealParts): Promise<Pair[]> {
  const { settings, clock, cipher } = parts;
  const { appId, charset, signType, appAuth } = settings;
  const { sign, certificates } = await parts.trust();
  const content = contentOf(order.fields, charset);
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
    app_auth_token: appAuth && revealText(appAuth.token),
    app_cert_sn: certificates?.serials.merchant,
    alipay_root_cert_sn: certificates?.serials.root,
    // Encrypted before it is signed (§6): what is signed is what is sent.
    encrypt_type: cipher && 'AES',
    biz_content: cipher ? cipher.encrypt(encodeText(content, charset)) : content,
  });
  const signature = await sign(encodeText(joinPairs(pairs), charset));
  pairs.push(['sign', Buffer.from(signature).toString('base64')]);
  return pairs;
}

/** One form: what names the call in the query, as Alipay's own SDKs do it, the content in the body. */
function requestOf(pairs: readonly Pair[], { gatewayUrl, charset }: Settings): TransportRequest {
  const inBody = ([name]: Pair) => name === 'biz_content';
  const query = pairs.filter((pair) => !inBody(pair));
  return {
    method: 'POST',
    url: `${gatewayUrl}?${formOf(query, charset)}`,
    headers: {
      'content-type': `application/x-www-form-urlencoded;charset=${charset}`,
      accept: 'application/json, text/html',
    },
    body: formOf(pairs.filter(inBody), charset),
  };
}

const certificateDownload = 'alipay.open.app.alipaycert.download';
const certificateBytes = 64 * 1024;

/** Asks gateway.do for a certificate. Neither the question nor the answer is encrypted. */
function certificateRoad(parts: Omit<SealParts, 'cipher'>, road: Road) {
  return async (serial: string, signal: AbortSignal): Promise<Download> => {
    const order = { method: certificateDownload, fields: { alipay_cert_sn: serial } };
    const pairs = await signedPairs(order, { ...parts, cipher: undefined });
    const { charset } = parts.settings;
    const options = { signal, maxBodyBytes: certificateBytes };
    const { status, body } = await road(requestOf(pairs, parts.settings), options);
    requireOk(status);
    const reply = splitReply(order.method, readText(body, charset));
    const node = readNode(reply.node, { charset });
    const content = Buffer.from(textOf(node, 'alipay_cert_content') ?? '', 'base64').toString();
    return { content, verify: (keys) => requireSigned(reply, keys, { charset }) };
  };
}

function requireOk(status: number): void {
  // Quirk: the gateway answers 200 even to errors; anything else comes from in front of it.
  if (status !== 200) throw serverError(status);
}

/** The seal of one merchant. Makes nothing and parses nothing before its first use. */
export function createSeal(
  settings: Settings,
  { clock, road }: { clock: Clock; road: Road },
): Seal {
  const parsed = trustOf(settings);
  const trust = () => parsed(clock.now());
  const parts: SealParts = { settings, clock, trust, cipher: cipherOf(settings) };
  const keys = createPlatformKeys({ ...parts, download: certificateRoad(parts, road) });
  return {
    trust,
    keys,
    // Pages are carried in the clear: encryption is of calls from server to server.
    handOver: (order) => signedPairs(order, { ...parts, cipher: undefined }),
    toRequest: async (order) => requestOf(await signedPairs(order, parts), settings),
    async fromReply({ method }, { status, body, signal }: Reply) {
      requireOk(status);
      const { charset } = settings;
      const reply = splitReply(method, readText(body, charset));
      const candidates = await keys.of(reply.serial, signal);
      return withoutQuotation(openNode(reply, candidates, { charset, cipher: parts.cipher }));
    },
    async proveSigner() {
      const { sign, merchantKey } = await trust();
      const probe = new TextEncoder().encode('polyrail');
      parts.cipher?.encrypt(probe);
      const signature = await sign(probe);
      if (merchantKey === undefined || merchantKey.verifies(probe, signature)) return;
      throw badConfig('merchantKey', 'does not sign as certificates.merchant says');
    },
    async verifies(fields, { charset, omit, signal }) {
      const { sign, alipay_cert_sn: serial } = fields;
      const signature = base64Bytes(sign ?? '');
      const { text, hasInnerMark } = signedFields(fields, omit);
      if (signature === undefined || (hasInnerMark && redrawn.find(fields))) return false;
      const bytes = bytesOf(text, charset);
      const candidates = await keys.of(serial, signal);
      return candidates.some((key) => key.verifies(bytes, signature));
    },
  };
}
