/** Test aid: UnionPay's API written by hand, so that the simulator is held against no SDK. */
import {
  constants,
  createHash,
  createPrivateKey,
  privateDecrypt,
  publicEncrypt,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto';
import type { Incoming, Outgoing } from '@polyrail/core';
import {
  type Card,
  startUnionPay,
  testCards,
  type UnionPayCredentials,
  type UnionPaySite,
  type UnionPayStartOptions,
} from '../src/index.ts';

export type Fields = Readonly<Record<string, string>>;

/** A quarter past three in the afternoon, in Beijing. */
export const startsAt = Date.parse('2026-11-24T07:15:09.000Z');
export const now = '20261124151509';

/** A simulator in this process whose clock stands still. */
export const start = (options: UnionPayStartOptions = {}): Promise<UnionPaySite> =>
  startUnionPay({
    mount: 'in-process',
    shareKeys: true,
    seed: 7,
    startAt: startsAt,
    frozen: true,
    ...options,
  });

const hex = (hash: string, data: Uint8Array | string): string =>
  createHash(hash).update(data).digest('hex');

/** Every field but the signature, sorted by code unit. */
export const signText = (fields: Fields): string =>
  Object.keys(fields)
    .filter((name) => name !== 'signature')
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&');

export const encodedAs = (text: string, encoding: string): Buffer => {
  if (!/gbk/i.test(encoding)) return Buffer.from(text);
  // Only what the tests write: ASCII and two characters.
  const known: Record<string, number[]> = { 茶: [0xb2, 0xe8], 叶: [0xd2, 0xb6] };
  return Buffer.from([...text].flatMap((one) => known[one] ?? [one.charCodeAt(0)]));
};

/** Adds certificate number and signature by the method the fields name. */
export function signed(fields: Fields, credentials: UnionPayCredentials): Fields {
  const { signMethod, version, encoding = 'UTF-8' } = fields;
  const whole = signMethod === '01' ? { certId: credentials.certId, ...fields } : fields;
  const data = encodedAs(signText(whole), encoding);
  if (signMethod === '11' || signMethod === '12') {
    const hash = signMethod === '11' ? 'sha256' : 'sm3';
    const tail = Buffer.from(`&${hex(hash, credentials.secureKey)}`);
    return { ...whole, signature: hex(hash, Buffer.concat([data, tail])) };
  }
  const hash = version === '5.1.0' ? 'sha256' : 'sha1';
  const key = createPrivateKey(credentials.merchantPrivateKey);
  const signature = sign(hash, Buffer.from(hex(hash, data)), key).toString('base64');
  return { ...whole, signature };
}

export const formBody = (fields: Fields, encoding = 'UTF-8'): string =>
  Object.entries(fields)
    .map(([name, value]) => {
      const bytes = [...encodedAs(value, encoding)];
      const escaped = bytes.map((byte) => {
        const character = String.fromCharCode(byte);
        if (byte < 0x80 && /[A-Za-z0-9.*_-]/.test(character)) return character;
        return byte === 0x20 ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
      });
      return `${name}=${escaped.join('')}`;
    })
    .join('&');

/** Splits as the official client does: brackets inside a value hide `&`. */
export function readRaw(text: string): Fields {
  const fields: Record<string, string> = {};
  let name = '';
  let value = '';
  let inName = true;
  let closer = '';
  const end = () => {
    if (name !== '') fields[name] = value;
    [name, value, inName] = ['', '', true];
  };
  for (const character of text) {
    if (inName) {
      if (character === '=') inName = false;
      else name += character;
    } else if (closer !== '') {
      if (character === closer) closer = '';
      value += character;
    } else if (character === '&') end();
    else {
      if (character === '{') closer = '}';
      if (character === '[') closer = ']';
      value += character;
    }
  }
  end();
  return fields;
}

/** Chain, name and signature, as 5.1.0 demands; for the keyed methods the keyed hash. */
export function isGenuine(fields: Fields, credentials: UnionPayCredentials): boolean {
  const { signMethod, signature = '', signPubKeyCert = '', version = '' } = fields;
  const data = encodedAs(signText(fields), fields['encoding'] ?? '');
  if (signMethod === '11' || signMethod === '12') {
    return signed({ ...fields, signature: '' }, credentials)['signature'] === signature;
  }
  const hash = version === '5.1.0' ? 'sha256' : 'sha1';
  const pem = version === '5.1.0' ? signPubKeyCert : credentials.platformCert;
  const [leaf, middle, root] = [pem, credentials.middleCert, credentials.rootCert].map(
    (one) => new X509Certificate(one),
  );
  if (leaf === undefined || middle === undefined || root === undefined) return false;
  const chained = leaf.verify(middle.publicKey) && middle.verify(root.publicKey);
  const name = /CN=(.*)/.exec(leaf.subject)?.[1]?.split('@')[2];
  const bytes = Buffer.from(signature, 'base64');
  const opened = verify(hash, Buffer.from(hex(hash, data)), leaf.publicKey, bytes);
  const current = leaf.validToDate.getTime() > startsAt;
  return chained && current && name === '中国银联股份有限公司' && opened;
}

export interface Answer {
  readonly status: number;
  readonly headers: Fields;
  readonly text: string;
  readonly fields: Fields;
}

const paths = {
  back: '/gateway/api/backTransReq.do',
  front: '/gateway/api/frontTransReq.do',
  app: '/gateway/api/appTransReq.do',
  query: '/gateway/api/queryTrans.do',
  file: '/',
} as const;
export type Place = keyof typeof paths;

/** One POST of a form as it is. */
export async function post(
  site: UnionPaySite,
  path: string,
  body: string | Uint8Array,
): Promise<Answer> {
  const reply = await site.transport.exchange({
    method: 'POST',
    url: `${site.url}${path}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  const charset = /charset=GBK/i.test(reply.headers['content-type'] ?? '') ? 'gbk' : 'utf-8';
  const text = new TextDecoder(charset).decode(Buffer.concat(chunks));
  return { status: reply.status, headers: reply.headers, text, fields: readRaw(text) };
}

export const head: Fields = {
  version: '5.1.0',
  encoding: 'UTF-8',
  signMethod: '01',
  accessType: '0',
  channelType: '07',
};

/** Signs and sends one message of the first merchant, or of the one whose credentials are given. */
export function call(
  site: UnionPaySite,
  place: Place,
  fields: Fields,
  credentials: UnionPayCredentials = site.credentials,
): Promise<Answer> {
  const whole = signed({ ...head, merId: credentials.merId, txnTime: now, ...fields }, credentials);
  return post(site, paths[place], formBody(whole, whole['encoding']));
}

export const backUrl = 'http://merchant.invalid/back';
export const frontUrl = 'http://merchant.invalid/front';
const money = { txnAmt: '1000', currencyCode: '156', backUrl };

/** A consume on UnionPay's page. */
export const payOnPage = (site: UnionPaySite, orderId: string, more: Fields = {}) =>
  call(site, 'front', {
    ...{ txnType: '01', txnSubType: '01', bizType: '000201', orderId, frontUrl, ...money },
    ...more,
  });

/** Begun on the page and paid there. */
export async function paid(site: UnionPaySite, orderId: string, more: Fields = {}) {
  await payOnPage(site, orderId, more);
  await site.payer.approve(orderId);
  return (await query(site, orderId, more['txnTime'])).fields;
}

export const query = (site: UnionPaySite, orderId: string, txnTime = now) =>
  call(site, 'query', {
    ...{ txnType: '00', txnSubType: '00', bizType: '000000', orderId, txnTime },
  });

/** 31, 32, 33, 03 or 04 of what a query told. */
export const sequel = (site: UnionPaySite, txnType: string, fields: Fields) =>
  call(site, 'back', {
    ...{ txnType, txnSubType: '00', bizType: '000201', backUrl },
    ...fields,
  });

const padding = constants.RSA_PKCS1_PADDING;

/** What only UnionPay opens. */
export const hide = (text: string, certificate: string): string =>
  text === ''
    ? ''
    : publicEncrypt(
        { key: new X509Certificate(certificate).publicKey, padding },
        Buffer.from(text),
      ).toString('base64');

/** What UnionPay has encrypted for the merchant. */
export const reveal = (text: string, credentials: UnionPayCredentials): string =>
  privateDecrypt(
    { key: createPrivateKey(credentials.merchantPrivateKey), padding },
    Buffer.from(text, 'base64'),
  ).toString();

export const certIdOf = (certificate: string): string =>
  BigInt(`0x${new X509Certificate(certificate).serialNumber}`).toString();

export interface Told {
  readonly message: Incoming;
  readonly fields: Fields;
}

/** Collects notifications; answers as the script says, else 200. */
export function listen(site: UnionPaySite, script: readonly number[] = []): readonly Told[] {
  const told: Told[] = [];
  site.listen(async (message): Promise<Outgoing> => {
    const text = Buffer.from(message.body as Uint8Array).toString('latin1');
    const decode = (value: string) => {
      const raw = value
        .replaceAll('+', ' ')
        .replaceAll(/%([0-9A-F]{2})/g, (_all, code) =>
          String.fromCharCode(Number.parseInt(code, 16)),
        );
      const gbk = /charset=GBK/.test(message.headers['content-type'] ?? '');
      return new TextDecoder(gbk ? 'gbk' : 'utf-8').decode(Buffer.from(raw, 'latin1'));
    };
    const pairs = text.split('&').map((pair) => {
      const mark = pair.indexOf('=');
      return [pair.slice(0, mark), decode(pair.slice(mark + 1))];
    });
    told.push({ message, fields: Object.fromEntries(pairs) });
    return { status: script[told.length - 1] ?? 200, headers: {}, body: Buffer.from('ok') };
  });
  return told;
}
/** `customerInfo` with its sensitive part encrypted. */
export function customerInfo(clear: Fields, secret: Fields, certificate: string): string {
  const pairs = (fields: Fields) =>
    Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  const hidden = hide(pairs(secret).join('&'), certificate);
  const all = [...pairs(clear), ...(hidden === '' ? [] : [`encryptedInfo=${hidden}`])];
  return Buffer.from(`{${all.join('&')}}`).toString('base64');
}

/** `{a=1&b=2}` */
export const readNested = (text: string): Fields =>
  Object.fromEntries(
    text
      .slice(1, -1)
      .split('&')
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );

/** The test card of a bank. */
export const cardAt = (bank: Card['bank']): Card =>
  testCards.find((card) => card.bank === bank) as Card;

/** Number and factors of a card, encrypted as they have to be; some of them others than its own. */
export function factorsOf(
  card: Card,
  encryptCert: string,
  { clear = {}, secret = {} }: { readonly clear?: Fields; readonly secret?: Fields } = {},
): Fields {
  const { certifTp, certifId, customerNm, phoneNo, cvn2 = '', expired = '' } = card;
  const hidden = { phoneNo, ...(cvn2 === '' ? {} : { cvn2, expired }), ...secret };
  return {
    accNo: hide(card.number, encryptCert),
    encryptCertId: certIdOf(encryptCert),
    customerInfo: customerInfo({ certifTp, certifId, customerNm, ...clear }, hidden, encryptCert),
  };
}
