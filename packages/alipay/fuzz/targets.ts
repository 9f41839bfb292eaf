/** fuzz · targets: every parser of what comes from outside, each with sound messages and its promise. */
import { isDeepStrictEqual } from 'node:util';
import { isPolyrailError } from '@polyrail/core';
import { encryptAes } from '@polyrail/kit/aes';
import { parseCertificates, parsePrivateKey, parsePublicKey } from '@polyrail/kit/keys';
import { parseSm2PrivateKey, parseSm2PublicKey } from '@polyrail/kit/sm2';
import { membersOf } from '../src/raw-json.ts';
import { bills } from './bills.ts';
import {
  appId,
  channelOver,
  encryptionKey,
  fixture,
  nowMs,
  protocols,
  sellerId,
  signed,
} from './surroundings.ts';
import type { Target } from './target.ts';

const method = 'alipay.trade.query';
const replyCodes = ['REPLY_UNREADABLE', 'REPLY_UNVERIFIED', 'UNAVAILABLE'];
const { signal } = new AbortController();
const { seal, rest } = protocols();

const nodes: readonly object[] = [
  {
    code: '10000',
    msg: 'Success',
    out_trade_no: 'order_1',
    total_amount: '9.00',
    trade_status: 'WAIT_BUYER_PAY',
  },
  {
    code: '10000',
    msg: 'Success',
    out_trade_no: 'order_2',
    subject: 'Tea "1" {a} \\ 茶',
    qr_code: 'https://qr/1',
  },
  { code: '40004', msg: 'Business Failed', sub_code: 'ACQ.TRADE_NOT_EXIST', sub_msg: '交易不存在' },
];

/** Whatever verifies must be one of the messages that were signed. */
const genuine = (originals: readonly unknown[]) => (found: unknown) =>
  originals.some((original) => isDeepStrictEqual(original, found))
    ? undefined
    : 'a forgery is believed';

const escaped = (node: object): string => JSON.stringify(node).replaceAll('/', '\\/');
const wrap = (raw: string): Buffer =>
  Buffer.from(`{"alipay_trade_query_response":${raw},"sign":"${signed(raw)}"}`);
const hidden = (node: object): string =>
  JSON.stringify(
    Buffer.from(encryptAes({ key: encryptionKey, iv: new Uint8Array(16) }, escaped(node))).toString(
      'base64',
    ),
  ).replaceAll('/', '\\/');

const gatewayReply = (body: Uint8Array) =>
  seal.fromReply({ method, fields: {} }, { status: 200, headers: {}, body, signal });

const reply: Target = {
  name: 'gateway reply',
  weight: 30,
  corpus: nodes.map((node) => wrap(escaped(node))),
  read: gatewayReply,
  codes: replyCodes,
  objection: genuine(nodes),
};

const encrypted: Target = {
  name: 'encrypted reply',
  weight: 10,
  corpus: nodes.map((node) => wrap(hidden(node))),
  read: gatewayReply,
  codes: replyCodes,
  objection: genuine(nodes),
};

/** A V3 reply as bytes: status, headers, an empty line, body. */
function restReply(status: number, value: object): Buffer {
  const body = JSON.stringify(value);
  const text = `${nowMs}\nn0nce\n${body}\n`;
  const head = [
    String(status),
    `alipay-timestamp: ${nowMs}`,
    'alipay-nonce: n0nce',
    `alipay-signature: ${signed(text)}`,
  ];
  return Buffer.from(`${head.join('\n')}\n\n${body}`);
}

function readRest(input: Uint8Array): unknown {
  const text = Buffer.from(input).toString('latin1');
  const gap = text.indexOf('\n\n');
  const [status = '', ...lines] = text.slice(0, Math.max(0, gap)).split('\n');
  const headers = Object.create(null) as Record<string, string>;
  for (const line of lines) {
    const at = line.indexOf(': ');
    if (at > 0) headers[line.slice(0, at)] = line.slice(at + 2);
  }
  const body = input.subarray(gap < 0 ? input.length : gap + 2);
  const order = { method, fields: {} };
  return rest.fromReply(order, { status: Number.parseInt(status, 10) || 0, headers, body, signal });
}

const business = { out_trade_no: 'order_1', total_amount: '9.00', trade_status: 'WAIT_BUYER_PAY' };
const refusal = {
  code: 'ACQ.TRADE_NOT_EXIST',
  message: '交易不存在',
  links: [{ link: 'https://x' }],
};
const read3 = [
  { ...business, code: '10000', msg: 'Success' },
  { code: '40004', msg: 'Error', sub_code: 'ACQ.TRADE_NOT_EXIST', sub_msg: '交易不存在' },
];

/** The status is not signed: with another one the same body is another answer, but never a yes. */
const v3: Target = {
  name: 'V3 reply',
  weight: 20,
  corpus: [
    restReply(200, business),
    restReply(400, refusal),
    restReply(401, { code: 'invalid-signature', message: 'x' }),
  ],
  read: readRest,
  codes: replyCodes,
  objection(found) {
    const { code, sub_code: subCode } = found as Record<string, unknown>;
    if (code !== '10000' && typeof subCode === 'string') return undefined;
    if (isDeepStrictEqual(found, read3[0])) return undefined;
    const { code: _, msg: __, ...body } = found as Record<string, unknown>;
    const asYes = [refusal, { code: 'invalid-signature', message: 'x' }].some(
      ({ code: ___, ...error }) => isDeepStrictEqual(error, body),
    );
    return asYes ? undefined : 'a forgery is believed';
  },
};

const pushed = {
  app_id: appId,
  auth_app_id: appId,
  charset: 'utf-8',
  gmt_create: '2026-11-22 10:49:00',
  gmt_payment: '2026-11-22 10:49:20',
  notify_id: '2026112200222104920000000000000001',
  notify_time: '2026-11-22 10:49:21',
  notify_type: 'trade_status_sync',
  out_trade_no: 'order_1',
  seller_id: sellerId,
  subject: 'A cup of tea 茶 50% & more',
  total_amount: '9.00',
  trade_no: '2026112222001400000000000001',
  trade_status: 'TRADE_SUCCESS',
  version: '1.0',
};
const frozen = {
  ...pushed,
  notify_type: 'fund_auth_freeze',
  auth_no: '20261122000',
  out_order_no: 'hold_1',
  out_request_no: 'hold_1',
  operation_id: '1',
  operation_type: 'FREEZE',
  amount: '3.00',
  status: 'SUCCESS',
};

function push(fields: Readonly<Record<string, string>>): Buffer {
  const names = Object.keys(fields).sort();
  const sign = signed(names.map((name) => `${name}=${fields[name]}`).join('&'));
  return Buffer.from(new URLSearchParams({ ...fields, sign, sign_type: 'RSA2' }).toString());
}

const channel = channelOver();
const open = async (body: Uint8Array): Promise<unknown> => {
  const { eventId, facts } = await channel.receive({ headers: {}, body });
  return [eventId, facts.map(({ noun, ref, status }) => [noun, ref.merchantId, status])];
};
const pushes = [push(pushed), push(frozen)];
const told = await Promise.all(pushes.map(open));

const notification: Target = {
  name: 'notification',
  weight: 20,
  corpus: pushes,
  read: open,
  codes: ['NOTIFICATION_UNVERIFIED', 'NOTIFICATION_STALE', 'NOTIFICATION_FOREIGN'],
  objection: genuine(told),
};

const parsed = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { ...value }
      : undefined;
  } catch {
    return undefined;
  }
};

/** Whether the scan refuses the object once a member of it stands there twice. */
function refusesTwice(text: string): boolean {
  try {
    membersOf(text.replace('{', '{"sign":0,'));
    return false;
  } catch {
    return true;
  }
}

/** Where both our scan and the runtime read an object, they read the same one. */
const rawJson: Target = {
  name: 'raw JSON',
  weight: 15,
  corpus: nodes.map((node) => wrap(escaped(node))),
  read: (input) => membersOf(Buffer.from(input).toString('utf8')),
  codes: ['REPLY_UNREADABLE'],
  objection(found, input) {
    const text = Buffer.from(input).toString('utf8');
    const value = parsed(text);
    if (value === undefined) return undefined;
    const members = found as ReturnType<typeof membersOf>;
    if (members.has('sign') && !refusesTwice(text)) return 'a member stands there twice';
    // `__proto__` is a member to the scan and to JSON.parse, but not to a copy.
    const names = [...members.keys()].filter((name) => name !== '__proto__');
    if (names.length !== Object.keys(value).filter((name) => name !== '__proto__').length)
      return 'other members';
    const differs = names.find((name) => {
      const { start, end } = members.get(name) as { start: number; end: number };
      return !isDeepStrictEqual(JSON.parse(text.slice(start, end)), value[name]);
    });
    return differs === undefined ? undefined : 'another value of a member';
  },
};

const certificate = fixture('node-cert-sn-alipay', 'certPem');
const keyTexts = [
  fixture('yansongda-request-sign', 'privateKeyPem'),
  certificate,
  fixture('net-sm2-verify', 'publicKeyPem'),
  fixture('net-sm2-verify', 'privateKeyPem'),
];
const keyParsers = [
  parsePrivateKey,
  parsePublicKey,
  parseCertificates,
  parseSm2PrivateKey,
  parseSm2PublicKey,
] as const;

const keys: Target = {
  name: 'keys and certificates',
  weight: 4,
  corpus: keyTexts.map((text) => Buffer.from(text)),
  read(input) {
    // Each parser has its turn, by what comes in.
    const parse = keyParsers[input.length % keyParsers.length] as (typeof keyParsers)[number];
    return parse(Buffer.from(input).toString('utf8'));
  },
  codes: ['CONFIG_INVALID'],
  objection: () => undefined,
};

export const targets: readonly Target[] = [
  reply,
  encrypted,
  v3,
  notification,
  rawJson,
  keys,
  ...bills,
];

/** Whether a refusal is one of the contract, with a code this target may give. */
export const isRefusal = (error: unknown, { codes }: Target): boolean =>
  isPolyrailError(error) && codes.includes(error.code) && error.doubt !== 'defect';
