/**
 * Test aid: UnionPay's side in a few lines - checks requests, signs what a test lets it answer with a
 * chain of its own.
 */
import {
  constants,
  createHash,
  createSign,
  createVerify,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
} from 'node:crypto';
import { makeCertificate } from '@polyrail/contest';
import {
  type Clock,
  type Context,
  type Incoming,
  PolyrailError,
  secret,
  type Transport,
  type TransportRequest,
} from '@polyrail/core';
import { createUnionPay, type UnionPayConfig } from '../src/index.ts';

export const now = '2026-11-22T02:49:24.000Z';
export const nowMs = Date.parse(now);
/** The same in Beijing. */
export const txnTime = '20261122104924';
export const clockAt = (instant: string): Clock => ({
  now: () => Date.parse(instant),
  schedule: () => () => {},
});
export const merId = '777290058110048';
const dayMs = 86_400_000;

const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
export const keys = {
  root: pair(),
  middle: pair(),
  platform: pair(),
  encryption: pair(),
  merchant: pair(),
  stranger: pair(),
};
const dates = { notBefore: nowMs - 30 * dayMs, notAfter: nowMs + 30 * dayMs };

/** Before the common name: a country in lower case, and who issued it. */
const cfca = [
  ['550406', 'cn'],
  ['55040a', 'CFCA OCA1'],
] as const;

/** A certificate that the middle authority issued, unless told otherwise. */
export const leaf = (subject: string, key: KeyObject, overrides: object = {}): string =>
  makeCertificate({
    prefix: cfca,
    issuer: 'Middle',
    issuerKey: keys.middle.privateKey,
    serial: 0x1046900149n,
    ...dates,
    subject,
    publicKey: key,
    ...overrides,
  })
    // As UnionPay writes it: CRLF, and none at the end.
    .trimEnd()
    .replaceAll('\n', '\r\n');
const authority = { authority: true, issuer: 'Root', issuerKey: keys.root.privateKey };
export const platformName = '041@8310000000083040@中国银联股份有限公司@00016495';
export const certificates = {
  root: leaf('Root', keys.root.publicKey, { ...authority, serial: 1n }),
  middle: leaf('Middle', keys.middle.publicKey, { ...authority, serial: 2n }),
  platform: leaf(platformName, keys.platform.publicKey),
  encryption: leaf('041@Z2014-11-11@00040000:SIGN@00000005', keys.encryption.publicKey, {
    serial: 68_759_622_183n,
  }),
  merchant: leaf(`041@Z2014-11-11@${merId}:SIGN@00000001`, keys.merchant.publicKey, {
    serial: 69_903_319_369n,
  }),
};

const merchantPem = keys.merchant.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
export const base = {
  merId,
  signing: { method: 'rsa', certificate: certificates.merchant, key: secret(merchantPem) },
  certificates: { root: certificates.root, middle: certificates.middle },
  encryptionCertificate: certificates.encryption,
  notifyUrl: 'https://shop.example/unionpay',
  returnUrl: 'https://shop.example/back',
  gatewayUrl: 'https://gateway.example/gateway/api',
  fileUrl: 'https://files.example/',
} as const satisfies UnionPayConfig;
export const full = { ...base, tokenRequestor: '62000000001' } as const;

export type Fields = Readonly<Record<string, string>>;

/** Written here by the dossier's words (§3.1), not shared with the adapter. */
export const signedText = (fields: Fields): string =>
  Object.keys(fields)
    .filter((name) => name !== 'signature')
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&');

const hexOf = (hash: string, text: string | Uint8Array): string =>
  createHash(hash).update(text).digest('hex');

export const signatureOf = (fields: Fields, key: KeyObject, hash = 'sha256'): string =>
  createSign(hash)
    .update(hexOf(hash, Buffer.from(signedText(fields))))
    .sign(key, 'base64');

export interface Heard {
  readonly path: string;
  readonly fields: Fields;
  readonly request: TransportRequest;
  /** `txnType/txnSubType/bizType` */
  readonly kind: string;
}

function hear(request: TransportRequest): Heard {
  const fields: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(String(request.body))) {
    if (name in fields) throw new Error(`${name} was sent twice`);
    if (value === '') throw new Error(`${name} was sent without a value`);
    fields[name] = value;
  }
  const path = request.url.replace(/^https?:\/\/[^/]+/, '');
  const isSigned = createVerify('sha256')
    .update(hexOf('sha256', Buffer.from(signedText(fields))))
    .verify(keys.merchant.publicKey, fields['signature'] ?? '', 'base64');
  if (fields['signMethod'] === '01' && !isSigned) throw new Error(`${path} cannot be verified`);
  const kind = `${fields['txnType']}/${fields['txnSubType']}/${fields['bizType']}`;
  return { path, fields, request, kind };
}

/** What a request's answer says again (dossier §9). */
const echoes = [
  'accessType',
  'bizType',
  'encoding',
  'merId',
  'orderId',
  'txnTime',
  'txnType',
  'txnSubType',
  'version',
  'signMethod',
  'reqReserved',
  'currencyCode',
  'txnAmt',
  'origQryId',
];
export const echo = ({ fields }: Heard): Fields =>
  Object.fromEntries(
    echoes.flatMap((name) => {
      const value = fields[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

export interface Told {
  readonly status?: number;
  /** Written raw, sorted, the certificate and the signature last; signed unless told otherwise. */
  readonly fields?: Fields;
  readonly body?: string | Uint8Array;
  readonly key?: KeyObject;
  readonly certificate?: string;
}
type Answer = Told | Error;

export const raw = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

export function seal(fields: Fields, told: Pick<Told, 'key' | 'certificate'> = {}): Fields {
  const { key = keys.platform.privateKey, certificate = certificates.platform } = told;
  const sorted = Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
  const whole = { ...sorted, signPubKeyCert: certificate };
  return { ...whole, signature: signatureOf(whole, key) };
}

export const accepted = (heard: Heard, fields: Fields = {}): Told => ({
  fields: { ...echo(heard), respCode: '00', respMsg: '成功[0000000]', ...fields },
});
export const refusal = (heard: Heard, respCode: string, respMsg = 'said the channel'): Told => ({
  fields: { ...echo(heard), respCode, respMsg },
});
export const queryId = '442611221049247846498';
/** A query's answer: the numbers of its target. */
export const found = (heard: Heard, fields: Fields = {}): Told => ({
  fields: {
    ...echo(heard),
    txnType: '01',
    txnSubType: '01',
    respCode: '00',
    respMsg: '成功[0000000]',
    origRespCode: '00',
    origRespMsg: '成功[0000000]',
    queryId,
    txnAmt: '900',
    currencyCode: '156',
    settleAmt: '900',
    settleCurrencyCode: '156',
    settleDate: '1122',
    traceNo: '784649',
    traceTime: '1122104924',
    ...fields,
  },
});
export const encryptionAnswer = (heard: Heard): Told =>
  accepted(heard, { certType: '01', encryptPubKeyCert: certificates.encryption });

/** Answers each request with what `answer` gives for it; the query of the certificate by itself. */
export function gateway(answer: (heard: Heard, count: number) => Answer) {
  const heard: Heard[] = [];
  const transportOf = (isOwn: (entry: Heard) => boolean): Transport => ({
    async exchange(request, options) {
      const entry = hear(request);
      const own = isOwn(entry);
      if (!own) heard.push(entry);
      const given = own ? encryptionAnswer(entry) : answer(entry, heard.length);
      if (given instanceof PolyrailError && given.code === 'NOT_SENT') throw given;
      options?.onFirstByte?.();
      if (given instanceof Error) throw given;
      const { fields, body = '', status = 200 } = given;
      const text = fields === undefined ? body : raw(seal(fields, given));
      const bytes = typeof text === 'string' ? Buffer.from(text) : text;
      return {
        status,
        headers: { 'content-type': 'text/html;charset=UTF-8' },
        body: (async function* () {
          yield bytes;
        })(),
      };
    },
  });
  const transport = transportOf(({ kind }) => kind === '95/00/000000');
  /** Leaves the certificate's query to the test, too. */
  const answering = transportOf(() => false);
  const channel = <C extends UnionPayConfig = typeof full>(
    config: C = full as never,
    context: Context = {},
  ) =>
    createUnionPay(config as unknown as typeof full, {
      transport,
      clock: clockAt(now),
      random: { bytes: (length) => new Uint8Array(length).fill(7) },
      ...context,
    });
  return { transport, answering, heard, channel, kinds: () => heard.map(({ kind }) => kind) };
}

/** What the merchant hid, read as UnionPay reads it. */
export function revealed(base64: string | undefined): string {
  const block = privateDecrypt(
    { key: keys.encryption.privateKey, padding: constants.RSA_NO_PADDING },
    Buffer.from(base64 ?? '', 'base64'),
  );
  return block.subarray(block.indexOf(0, 2) + 1).toString();
}
/** What UnionPay hides for the merchant. */
export const hiddenFor = (plain: string): string =>
  publicEncrypt(
    { key: keys.merchant.publicKey, padding: constants.RSA_PKCS1_PADDING },
    Buffer.from(plain),
  ).toString('base64');

export const customerOf = (fields: Fields): Fields => {
  const list = Buffer.from(fields['customerInfo'] ?? '', 'base64').toString();
  return Object.fromEntries(
    list
      .slice(1, -1)
      .split('&')
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
};

export const cny = (amount: number) => ({ amount, currency: 'CNY' });
export const order = {
  merchantPaymentId: 'order001',
  amount: cny(900),
  description: 'A cup of tea 茶',
} as const;
export const payment = {
  noun: 'payment',
  merchantId: 'order001',
  amount: cny(900),
  startedAt: now,
} as const;
export const cardNumber = '6216261000000000018';
export const card = {
  number: secret(cardNumber),
  phone: secret('13552535506'),
  holder: secret('全渠道'),
  identity: secret('341126197709218366'),
  securityCode: secret('248'),
  expiry: secret('12/29'),
} as const;
export const token = '6235240000020757577';

/** What an async call throws, or a failure of the test. */
export async function thrown(work: Promise<unknown> | (() => unknown)): Promise<PolyrailError> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    return error as PolyrailError;
  }
  throw new Error('Nothing was thrown');
}

export const silence = () => new PolyrailError('UNAVAILABLE', 'silence', { doubt: 'no-reply' });

const percent = (value: string): string =>
  encodeURIComponent(value)
    .replaceAll('%20', '+')
    .replaceAll(/[!'()~]/g, escape);

export const formOf = (fields: Fields): Incoming => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: Buffer.from(
    Object.entries(fields)
      .map(([name, value]) => `${name}=${percent(value)}`)
      .join('&'),
  ),
});

const pushed = {
  accessType: '0',
  bizType: '000201',
  currencyCode: '156',
  encoding: 'UTF-8',
  merId,
  orderId: 'order001',
  queryId,
  respCode: '00',
  respMsg: '成功[0000000]',
  settleAmt: '900',
  settleCurrencyCode: '156',
  settleDate: '1122',
  signMethod: '01',
  traceNo: '784649',
  traceTime: '1122104924',
  txnAmt: '900',
  txnSubType: '01',
  txnTime,
  txnType: '01',
  version: '5.1.0',
} as const;

/** A notification as UnionPay pushes it. `undefined` leaves a field out. */
export function push(
  changes: Readonly<Record<string, string | undefined>> = {},
  told: Pick<Told, 'key' | 'certificate'> = {},
): Incoming {
  const whole: Readonly<Record<string, string | undefined>> = { ...pushed, ...changes };
  const fields = Object.entries(whole).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return formOf(seal(Object.fromEntries(fields), told));
}
