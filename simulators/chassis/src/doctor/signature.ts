/**
 * simulator · doctor signature: what an RSA signature itself tells - whose key made it, with
 * which padding and digest, and the digest of the text that was signed.
 */
import { constants, createHash, type KeyObject, publicDecrypt } from 'node:crypto';
import { digestOf, type Sm2Point, sm2Matcher } from './sm2.ts';

/** Who may have made a signature. */
export interface Holder {
  /** In a sentence: `this app`, `app 9021…`, `Alipay`. */
  readonly whose: string;
  /** Who should have; another client of the channel; the channel itself; nobody here. */
  readonly role: 'expected' | 'other' | 'platform' | 'stranger';
  /** Instead of the sentence that it was this one's key: where keys are found with the text. */
  readonly told?: string;
}

/** The same with the public key it would have been made with. */
export interface KeyHolder extends Holder {
  readonly key: KeyObject;
  readonly sm2?: Sm2Point | undefined;
}

/** How a signature was written; anything but `base64` is a mistake. */
export type Encoding =
  | 'base64'
  | 'base64url'
  | 'hex'
  | 'twice'
  | 'lines'
  | 'blanks'
  | 'percent'
  | 'damaged';

/** A signature, opened with the public half of the key that made it; or one made with a secret. */
export interface Opened<Whose extends Holder = Holder> {
  readonly holder: Whose;
  readonly encoding: Encoding;
  /** `bare`: a digest (or the text) padded, without naming its algorithm as PKCS#1 v1.5 demands. */
  readonly padding: 'pkcs1' | 'pss' | 'bare' | 'sm2' | 'sm2-raw' | 'none';
  /** In Node's spelling: `sha256`; of what has no padding as the channel calls it. */
  readonly digest: string;
  /** Of what was signed, where the padding gives it back. */
  readonly value?: Uint8Array;
  matches(data: Uint8Array): boolean;
  /**
   * False where another key might open it by chance: SM2, where any key opens any signature, PSS
   * without a run of zeros, shared secrets. There only a text that matches proves the key.
   */
  readonly sure: boolean;
  /** Made as hardly anybody does: looked for with no other mistake beside it. */
  readonly rare?: boolean;
}

const maximumSignature = 4_096;

const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/;
const fromBase64 = (text: string): Buffer => Buffer.from(text, 'base64');

/** Ways to read a signature, the right one first. */
const readings: readonly (readonly [Encoding, (text: string) => Uint8Array | undefined])[] = [
  ['base64', (text) => (isBase64.test(text) ? fromBase64(text) : undefined)],
  [
    'blanks',
    (text) =>
      /^[A-Za-z0-9+/ ]+={0,2}$/.test(text) ? fromBase64(text.replaceAll(' ', '+')) : undefined,
  ],
  [
    'base64url',
    (text) => (/^[\w-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64url') : undefined),
  ],
  [
    'hex',
    (text) =>
      /^(?:[0-9a-f]{2}:?)+$/i.test(text) ? Buffer.from(text.replaceAll(':', ''), 'hex') : undefined,
  ],
  [
    'lines',
    (text) => {
      const joined = text.replaceAll(/\s/g, '');
      return /[\r\n]/.test(text) && isBase64.test(joined) ? fromBase64(joined) : undefined;
    },
  ],
  [
    'percent',
    (text) => {
      const decoded = text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      );
      return decoded !== text && isBase64.test(decoded) ? fromBase64(decoded) : undefined;
    },
  ],
  [
    'twice',
    (text) => {
      const inner = isBase64.test(text) ? fromBase64(text).toString('latin1').trim() : '';
      return inner.length > 64 && isBase64.test(inner) ? fromBase64(inner) : undefined;
    },
  ],
  // Base64 decoding skips what it does not know: stray characters around a whole signature.
  ['damaged', (text) => fromBase64(text.replaceAll(/[^A-Za-z0-9+/=]/g, ''))],
];

/** ASN.1 heads of DigestInfo (RFC 8017, 9.2 note 1) by the digest they announce. */
const digestHeads: readonly (readonly [digest: string, head: string])[] = [
  ['sha256', '3031300d060960864801650304020105000420'],
  ['sha1', '3021300906052b0e03021a05000414'],
  ['md5', '3020300c06082a864886f70d020505000410'],
  ['sha384', '3041300d060960864801650304020205000430'],
  ['sha512', '3051300d060960864801650304020305000440'],
  ['sha224', '302d300d06096086480165030402040500041c'],
];
const digestLengths: Readonly<Record<number, string>> = {
  16: 'md5',
  20: 'sha1',
  32: 'sha256',
  48: 'sha384',
  64: 'sha512',
};

type Reading = Pick<Opened, 'padding' | 'digest' | 'matches' | 'value' | 'sure'>;

const equal = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0;

function pkcs1Reading(content: Buffer): Reading {
  const hex = content.toString('hex');
  const known = digestHeads.find(([, head]) => hex.startsWith(head));
  if (known !== undefined) {
    const [digest, head] = known;
    const value = content.subarray(head.length / 2);
    const matches = (data: Uint8Array) => equal(digestOf(digest, data), value);
    return { padding: 'pkcs1', digest, value, matches, sure: true };
  }
  const written = content.toString('latin1');
  const isHex = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/i.test(written);
  const value = isHex ? Buffer.from(written, 'hex') : content;
  const digest = digestLengths[value.length] ?? 'sha256';
  const matches = (data: Uint8Array) =>
    equal(digestOf(digest, data), value) || equal(data, content);
  return { padding: 'bare', digest, value, matches, sure: true };
}

/** `MGF1` of RFC 8017, B.2.1. */
function mask(digest: string, seed: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let made = 0, count = 0; made < length; count += 1) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(count);
    const block = createHash(digest).update(seed).update(counter).digest();
    blocks.push(block);
    made += block.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** Bytes of zeros before a salt that no other key brings about. */
const certainZeros = 8;

/** `EMSA-PSS-VERIFY` of RFC 8017, 9.1.2, up to the point where the text is needed. */
function pssReading(encoded: Buffer): Reading | undefined {
  if (encoded.at(-1) !== 0xbc) return undefined;
  for (const digest of ['sha256', 'sha1', 'sha512']) {
    const size = digestOf(digest, new Uint8Array(0)).length;
    const masked = encoded.subarray(0, -size - 1);
    const hash = encoded.subarray(masked.length, -1);
    const filter = mask(digest, hash, masked.length);
    const block = masked.map((byte, index) => byte ^ (filter[index] ?? 0));
    block[0] = (block[0] ?? 0) & 0x7f;
    const mark = block.findIndex((byte) => byte !== 0);
    if (block[mark] !== 1) continue;
    const salt = block.subarray(mark + 1);
    const matches = (data: Uint8Array) => {
      const hashed = createHash(digest).update(new Uint8Array(8)).update(digestOf(digest, data));
      return equal(hashed.update(salt).digest(), hash);
    };
    return { padding: 'pss', digest, matches, sure: mark >= certainZeros };
  }
  return undefined;
}

/** What a key makes of a signature; `undefined` when that key did not make it. */
function readingOf(signature: Uint8Array, key: KeyObject): Reading | undefined {
  let encoded: Buffer;
  try {
    encoded = publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
  } catch {
    return undefined;
  }
  if (encoded[0] === 0 && encoded[1] === 1) {
    const end = encoded.indexOf(0, 2);
    const filled = encoded.subarray(2, Math.max(2, end)).every((byte) => byte === 0xff);
    return end >= 10 && filled ? pkcs1Reading(encoded.subarray(end + 1)) : undefined;
  }
  return pssReading(encoded);
}

interface Read {
  readonly encoding: Encoding;
  readonly bytes: Uint8Array;
}

/** Every way to read a signature that gives something else. */
function readingsOf(signature: string): readonly Read[] {
  const seen = new Set<string>();
  return readings.flatMap(([encoding, read]) => {
    const bytes = read(signature);
    if (bytes === undefined || bytes.length < 64 || bytes.length > 1_024) return [];
    const text = Buffer.from(bytes).toString('latin1');
    if (seen.has(text)) return [];
    seen.add(text);
    return [{ encoding, bytes }];
  });
}

const sm2Lengths = { least: 64, most: 72 } as const;

function openSm2(
  { encoding, bytes }: Read,
  holders: readonly KeyHolder[],
): readonly Opened<KeyHolder>[] {
  if (bytes.length < sm2Lengths.least || bytes.length > sm2Lengths.most) return [];
  const padding = bytes.length === sm2Lengths.least ? 'sm2-raw' : 'sm2';
  return holders.flatMap((holder) => {
    const matches = holder.sm2 && sm2Matcher(bytes, holder.sm2);
    if (matches === undefined) return [];
    return [{ holder, encoding, padding, digest: 'sm3', matches, sure: false } as const];
  });
}

/**
 * Whose key made a signature, and over which digest: one answer where it is certain, else a guess
 * for every key that may have; none when nobody's here did.
 */
export function openSignature(
  signature: string,
  holders: readonly KeyHolder[],
): readonly Opened<KeyHolder>[] {
  const read = readingsOf(signature.slice(0, maximumSignature));
  const opened = read.flatMap(({ encoding, bytes }) =>
    holders.flatMap((holder): Opened<KeyHolder>[] => {
      if (holder.key.asymmetricKeyType !== 'rsa') return [];
      const reading = readingOf(bytes, holder.key);
      return reading === undefined ? [] : [{ holder, encoding, ...reading }];
    }),
  );
  const sure = opened.find((one) => one.sure);
  if (sure !== undefined) return [sure];
  return [...opened, ...read.flatMap((one) => openSm2(one, holders))];
}
