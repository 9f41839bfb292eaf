/** fuzz · mutate: from a sound message to one that is almost sound, or not at all; by seed. */

/** Whole numbers from 0 below `limit`, the same ones for the same seed (mulberry32). */
export type Dice = (limit: number) => number;

export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * limit);
  };
}

/** Texts that parsers stumble over, and names of this protocol. */
const morsels = [
  '"',
  '\\',
  '\\"',
  '\\\\',
  '\\/',
  '\\u0000',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '&',
  '=',
  '+',
  '%',
  '%00',
  '%ff',
  '%26',
  '%3D',
  '&amp;',
  '\n',
  '\r\n',
  '\t',
  ' ',
  '\u0000',
  '\ufeff',
  '-',
  '0',
  '.',
  '1e9',
  '-1',
  '9007199254740993',
  'null',
  'true',
  '__proto__',
  'constructor',
  'prototype',
  '"__proto__":{"polluted":1},',
  '__proto__=1&',
  'constructor[prototype][polluted]=1&',
  '"sign":"',
  'sign=',
  'sign_type=',
  'sign_type=RSA',
  'charset=gbk',
  'charset=utf-8',
  '"alipay_trade_query_response":',
  '"error_response":',
  '"code":"10000",',
  'alipay_cert_sn',
  'trade_status=TRADE_SUCCESS',
  '"trade_status":"TRADE_SUCCESS",',
  'PK\u0003\u0004',
  'PK\u0001\u0002',
  'PK\u0005\u0006',
  '#',
  '`',
  '交易',
  '退款',
  '-----BEGIN CERTIFICATE-----',
].map((text) => Buffer.from(text));

type Change = (bytes: Buffer, dice: Dice, others: readonly Buffer[]) => Buffer;

const cut = (bytes: Buffer, dice: Dice) => {
  const start = dice(bytes.length + 1);
  return { start, end: Math.min(bytes.length, start + dice(1 + dice(64))) };
};
const put = (bytes: Buffer, at: number, piece: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
const random = (dice: Dice, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => dice(256)));

const changes: readonly Change[] = [
  // One bit.
  (bytes, dice) => {
    const copy = Buffer.from(bytes);
    const at = dice(bytes.length);
    if (bytes.length > 0) copy[at] = (copy[at] ?? 0) ^ (1 << dice(8));
    return copy;
  },
  // One byte.
  (bytes, dice) => {
    const copy = Buffer.from(bytes);
    if (bytes.length > 0) copy[dice(bytes.length)] = dice(256);
    return copy;
  },
  (bytes, dice) => put(bytes, dice(bytes.length + 1), morsels[dice(morsels.length)] as Buffer),
  (bytes, dice) => put(bytes, dice(bytes.length + 1), random(dice, 1 + dice(16))),
  // Some bytes less, twice, or elsewhere.
  (bytes, dice) => {
    const { start, end } = cut(bytes, dice);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
  },
  (bytes, dice) => {
    const { start, end } = cut(bytes, dice);
    return put(bytes, end, bytes.subarray(start, end));
  },
  (bytes, dice) => {
    const { start, end } = cut(bytes, dice);
    return put(bytes, dice(bytes.length + 1), bytes.subarray(start, end));
  },
  (bytes, dice) => bytes.subarray(0, dice(bytes.length + 1)),
  // A part of another message.
  (bytes, dice, others) => {
    const other = others[dice(others.length)] ?? bytes;
    const { start, end } = cut(other, dice);
    return put(bytes, dice(bytes.length + 1), other.subarray(start, end));
  },
  (bytes, dice, others) => {
    const other = others[dice(others.length)] ?? bytes;
    return Buffer.concat([
      bytes.subarray(0, dice(bytes.length)),
      other.subarray(dice(other.length)),
    ]);
  },
];

/** One input; now and then a sound message itself, or nothing but noise. */
export function inputOf(corpus: readonly Buffer[], dice: Dice): Buffer {
  const kind = dice(40);
  let bytes = corpus[dice(corpus.length)] ?? Buffer.alloc(0);
  if (kind === 0) return bytes;
  if (kind === 1) return random(dice, dice(512));
  for (let left = 1 + dice(1 + dice(6)); left > 0; left -= 1) {
    const change = changes[dice(changes.length)] as Change;
    bytes = change(bytes, dice, corpus);
  }
  return bytes.subarray(0, 64 * 1024);
}
