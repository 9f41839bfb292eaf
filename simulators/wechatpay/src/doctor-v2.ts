/** wechatpay simulator · doctor-v2: why the MD5 or HMAC of a message does not verify, or that it does. */
import { createHash, createHmac } from 'node:crypto';
import { decodeText, encodeText } from '@polyrail/simulator';
import {
  beliefBytes,
  type ClientBelief,
  diagnose,
  type Explanation,
  type Found,
  type Holder,
  type Kind,
  noSecrets,
  type Opened,
  type Pair,
  type PairsDraft,
  pairSegments,
  pairsDraft,
  tell,
} from '@polyrail/simulator/doctor';
import { keyTail, type V2Context, v2Causes } from './doctor-v2-causes.ts';
import { secretsIn, v2Words } from './doctor-words.ts';
import type { Merchant } from './merchants.ts';
import type { Room } from './room.ts';
import { type Fields, rawValues, readXml } from './v2-xml.ts';
import type { V2SignType } from './voice.ts';

const mac = (algorithm: string, key: string, data: Uint8Array): Buffer =>
  createHmac(algorithm, key).update(data).digest();
const hash = (algorithm: string, data: Uint8Array): Buffer =>
  createHash(algorithm).update(data).digest();

/** What may have been made of a text with some keys; `named` in the words of the channel. */
interface Method {
  readonly named: string;
  readonly digests: (data: Uint8Array, keys: readonly string[]) => readonly Buffer[];
}

const keyed =
  (algorithm: string): Method['digests'] =>
  (data, keys) =>
    keys.map((key) => mac(algorithm, key, data));

/** Which digests have so many bytes; the documented one first. */
const methods: Readonly<Record<number, readonly Method[]>> = {
  16: [
    { named: 'MD5', digests: (data) => [hash('md5', data)] },
    { named: 'HMAC-MD5', digests: keyed('md5') },
  ],
  20: [
    { named: 'SHA-1', digests: (data) => [hash('sha1', data)] },
    { named: 'HMAC-SHA1', digests: keyed('sha1') },
  ],
  32: [
    { named: 'HMAC-SHA256', digests: keyed('sha256') },
    { named: 'SHA-256', digests: (data) => [hash('sha256', data)] },
  ],
};

interface Read {
  readonly bytes: Buffer;
  readonly found: readonly Found[];
}

const spelling = (rule: string): readonly Found[] => [
  { cause: 'signature-encoding', rule, advice: 'Write the digest in upper-case hexadecimal.' },
];

function readSign(sign: string): Read {
  const text = sign.trim();
  if (text === '') return { bytes: Buffer.alloc(0), found: [] };
  if (/^(?:[0-9a-f]{2})+$/i.test(text)) {
    const lower = /[a-f]/.test(text) ? spelling('The signature is written in lower case') : [];
    const blank = text === sign ? [] : spelling('There are blanks around the signature');
    return { bytes: Buffer.from(text, 'hex'), found: [...lower, ...blank] };
  }
  const found = spelling('The signature is written in Base64, not in hexadecimal');
  return { bytes: Buffer.from(text, 'base64'), found };
}

/** The key at the end of a text, which some clients take for the HMAC as well. */
const keyAtEnd = (data: Uint8Array): readonly string[] => {
  const [, key] = /key=([^&=]*)$/i.exec(Buffer.from(data.subarray(-80)).toString('latin1')) ?? [];
  return key === undefined || key === '' ? [] : [key];
};

const holder: Holder = {
  whose: 'this merchant',
  role: 'expected',
  told: 'A text and a key that explain the signature were found.',
};

function openings(read: Read, keys: readonly string[]): readonly Opened[] {
  const opened = (methods[read.bytes.length] ?? []).map(
    ({ named, digests }): Opened => ({
      rare: v2Words.digests[named] === undefined,
      holder,
      encoding: 'base64',
      padding: 'none',
      digest: named,
      sure: false,
      matches: (data) =>
        digests(data, [...keys, ...keyAtEnd(data)]).some((one) => one.equals(read.bytes)),
    }),
  );
  // Rare ones are asked first: they are looked for without any search.
  return opened.toSorted((left, right) => Number(right.rare) - Number(left.rare));
}

const lengthFound = ({ bytes }: Read): Found | undefined =>
  methods[bytes.length] === undefined || bytes.length === 20
    ? {
        cause: 'signature-length',
        rule: `The signature has ${bytes.length} bytes: MD5 has 16, HMAC-SHA256 has 32`,
        advice: 'It was cut, or is of another algorithm: 32 or 64 hexadecimal digits.',
      }
    : undefined;

/** A shown text in which the key is blotted out stands for the one with the right key. */
const withKey = (text: string, apiKey: string): string =>
  text.replace(/&key=(?:\*+|x+|<[^>]*>|\[[^\]]*\]|\.+|…)?\s*$/i, keyTail(apiKey));

/** Keys in a shown text, which are nobody's to read again. */
const keysIn = (text: string): readonly string[] =>
  [...text.matchAll(/\bkey=([^&\s]{4,})/gi)].map(([, key = '']) => key);

export interface V2Message {
  readonly kind: Kind;
  /** The document as it came. */
  readonly body: Uint8Array;
  readonly fields: Fields;
  readonly merchant: Merchant;
  /** What sign_type says, or the length of the signature where it says nothing. */
  readonly signType: V2SignType;
}

/** Keeps a search among some ten thousand texts. */
const usualInPairs = 8;

interface Options {
  readonly belief?: ClientBelief;
  readonly causes?: typeof v2Causes;
  readonly known?: readonly Found[];
  readonly variantsInPairs?: number;
  /** Where the endpoint knows one signature only. */
  readonly only?: V2SignType | undefined;
}

const pairsOf = (fields: Fields): readonly Pair[] =>
  Object.entries(fields).map(([name, value]) => ({
    name,
    value,
    bytes: Buffer.from(value, 'utf8'),
  }));

/** Why the signature of a message of API v2 does not verify, or that it does. */
export function explainV2(
  { kind, body, fields, merchant, signType }: V2Message,
  room: Room,
  { belief = {}, causes = v2Causes, known = [], variantsInPairs = usualInPairs }: Options = {},
): Explanation {
  const { apiKey, apiV3Key } = merchant.signer;
  const others = room.merchants
    .filter(({ signer }) => signer !== merchant.signer)
    .map(({ mchid, signer }) => [mchid, signer.apiKey] as const);
  const raw = rawValues(body);
  const read = readSign(fields['sign'] ?? '');
  const said = fields['sign_type'] ? v2Words.says : 'without sign_type what is due is';
  const shown = beliefBytes(belief);
  const text = shown === undefined ? '' : withKey(Buffer.from(shown).toString('utf8'), apiKey);
  const keys = [apiKey, apiV3Key, ...others.map(([, key]) => key)];
  return diagnose<PairsDraft, V2Context>({
    kind,
    problem: {
      draft: {
        ...pairsDraft(pairsOf(fields), { charset: 'utf-8', omitted: ['sign'] }),
        after: keyTail(apiKey),
      },
      causes,
      context: { apiKey, apiV3Key, others, raw },
      variantsInPairs,
      segments: pairSegments,
    },
    signature: fields['sign'] ?? '',
    wanted: signType,
    opened: openings(read, [apiKey, apiV3Key]),
    shape: lengthFound(read),
    words: { ...v2Words, says: said },
    secrets: secretsIn(Object.entries(fields), [...keys, ...keysIn(text)]),
    known: [...known, ...read.found],
    ...(shown === undefined ? {} : { belief: { text: Buffer.from(text) } }),
  });
}

const simple = (verdict: Explanation['verdict'], one: Found): Explanation =>
  tell({ verdict, found: [one], secrets: noSecrets });

/** What is told of bytes that are no document. */
export const unreadable = (): Explanation =>
  simple('unsigned', {
    cause: 'xml',
    rule: 'This is no flat XML document',
    advice: 'One root, its members side by side, each once; no document type, nothing nested.',
  });

const inGbk: Found = {
  cause: 'charset',
  rule: 'The document was sent in GBK, not in UTF-8',
  advice: 'Send UTF-8 bytes, and sign the same: other bytes are refused before any signature.',
};

interface Document {
  readonly fields: Fields;
  /** In UTF-8. */
  readonly body: Uint8Array;
  readonly found: readonly Found[];
}

/** The members of a document, also of one in a character set that nobody takes. */
function documentOf(body: Uint8Array): Document | undefined {
  const fields = readXml(body);
  if (fields !== undefined) return { fields, body, found: [] };
  const text = decodeText(body, 'gbk').replace(/^(<\?xml[^>]*?)\s+encoding=("|')[^"']*\2/i, '$1');
  const utf8 = encodeText(text, 'utf-8');
  const read = text.includes('\ufffd') ? undefined : readXml(utf8);
  return read && { fields: read, body: utf8, found: [inGbk] };
}

const encrypted = (): Explanation =>
  simple('unsigned', {
    cause: 'no-signature',
    rule: 'A refund notification carries no signature: what counts of it is encrypted in req_info',
    advice:
      'Decrypt req_info: Base64, AES-256-ECB, the key is the lower-case hexadecimal MD5 of the API ' +
      'key of v2. What opens to well-formed XML comes from who has the key.',
  });

const unknown = (mchid: string): Explanation =>
  simple('mistaken', {
    cause: 'unknown-merchant',
    rule: mchid === '' ? 'The message names no mch_id' : `No merchant here is called ${mchid}`,
    advice: 'Send the mch_id and appid that /_sim/discovery?protocol=v2 hands out.',
  });

const byLength = (sign: string): V2SignType => (sign.trim().length > 40 ? 'HMAC-SHA256' : 'MD5');

/** Reads a raw document, then explains its signature. */
export function explainV2Document(
  { kind, body }: Pick<V2Message, 'kind' | 'body'>,
  room: Room,
  options: Options = {},
): Explanation {
  const document = documentOf(body);
  if (document === undefined) return unreadable();
  const known = [...(options.known ?? []), ...document.found];
  return explainV2Fields({ ...document, kind }, room, { ...options, known });
}

/** The same of members that were read, from a document or a query. */
export function explainV2Fields(
  { kind, body, fields }: Pick<V2Message, 'kind' | 'body' | 'fields'>,
  room: Room,
  options: Options = {},
): Explanation {
  if (fields['sign'] === undefined && fields['req_info'] !== undefined) return encrypted();
  const mchid = fields['mch_id'] ?? fields['mchid'] ?? '';
  const merchant = room.merchants.find((one) => one.mchid === mchid);
  if (merchant === undefined) return unknown(mchid);
  const { sign = '', sign_type: said = '' } = fields;
  const known = said === 'MD5' || said === 'HMAC-SHA256' ? said : undefined;
  // A request without sign_type is MD5; an answer is signed as its request was.
  const signType = options.only ?? known ?? (kind === 'request' ? 'MD5' : byLength(sign));
  return explainV2({ kind, body, fields, merchant, signType }, room, options);
}
