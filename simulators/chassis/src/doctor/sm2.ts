/**
 * simulator · doctor sm2: an SM2 signature and a public key give back the digest that was
 * signed (GM/T 0003.2): e = r - x, where x belongs to the point sG + (r + s)P.
 */
import { createHash } from 'node:crypto';

/** A public key of the SM2 curve: `04`, x and y in hexadecimal. */
export interface Sm2Point {
  readonly point: string;
}

export const digestOf = (name: string, data: Uint8Array): Buffer =>
  createHash(name).update(data).digest();

type Point = readonly [x: bigint, y: bigint] | undefined;

const hex = (text: string): bigint => BigInt(`0x${text}`);
const prime = hex('fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff');
const order = hex('fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123');
const curveA = prime - 3n;
const curveB = '28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93';
const baseX = '32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7';
const baseY = 'bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0';
const base: Point = [hex(baseX), hex(baseY)];
const userId = '1234567812345678';

const mod = (value: bigint, modulus: bigint): bigint => ((value % modulus) + modulus) % modulus;

function inverse(value: bigint): bigint {
  let [low, high] = [mod(value, prime), prime];
  let [left, right] = [1n, 0n];
  while (low > 1n) {
    const quotient = high / low;
    [low, high] = [high % low, low];
    [left, right] = [right - quotient * left, left];
  }
  return mod(left, prime);
}

function add(one: Point, two: Point): Point {
  if (one === undefined) return two;
  if (two === undefined) return one;
  const [[x1, y1], [x2, y2]] = [one, two];
  if (x1 === x2 && mod(y1 + y2, prime) === 0n) return undefined;
  const slope =
    x1 === x2 ? (3n * x1 * x1 + curveA) * inverse(2n * y1) : (y2 - y1) * inverse(x2 - x1);
  const x = mod(slope * slope - x1 - x2, prime);
  return [x, mod(slope * (x1 - x) - y1, prime)];
}

function multiply(point: Point, factor: bigint): Point {
  let [sum, doubled]: [Point, Point] = [undefined, point];
  for (let rest = factor; rest > 0n; rest >>= 1n) {
    if (rest & 1n) sum = add(sum, doubled);
    doubled = add(doubled, doubled);
  }
  return sum;
}

/** r and s: DER as it should be, or one behind the other in 64 bytes. */
export function sm2Numbers(
  signature: Uint8Array,
): { readonly r: bigint; readonly s: bigint; readonly der: boolean } | undefined {
  const text = Buffer.from(signature).toString('hex');
  if (signature.length === 64) {
    return { r: hex(text.slice(0, 64)), s: hex(text.slice(64)), der: false };
  }
  const [, first = '', rest = ''] = /^30..02(..)(.*)$/.exec(text) ?? [];
  const length = first === '' ? 0 : Number.parseInt(first, 16) * 2;
  const [r, tail] = [rest.slice(0, length), rest.slice(length)];
  const s = /^02..(.+)$/.exec(tail)?.[1] ?? '';
  const sound = length > 0 && length <= 66 && s !== '' && s.length <= 66;
  return sound && r !== '' ? { r: hex(r), s: hex(s), der: true } : undefined;
}

/** What stands before the text in the digest: the user id, the curve and the key. */
function prefix({ point }: Sm2Point): Buffer {
  const bits = Buffer.from((userId.length * 8).toString(16).padStart(4, '0'), 'hex');
  const numbers = `${curveA.toString(16)}${curveB}${baseX}${baseY}${point.slice(2)}`;
  return digestOf('sm3', Buffer.concat([bits, Buffer.from(userId), Buffer.from(numbers, 'hex')]));
}

/** Whether data is what a key signed; `undefined` for what is no SM2 signature. */
export function sm2Matcher(
  signature: Uint8Array,
  key: Sm2Point,
): ((data: Uint8Array) => boolean) | undefined {
  const numbers = sm2Numbers(signature);
  if (numbers === undefined) return undefined;
  const { r, s } = numbers;
  const within = (value: bigint) => value > 0n && value < order;
  const sum = mod(r + s, order);
  if (!within(r) || !within(s) || sum === 0n) return undefined;
  const own: Point = [hex(key.point.slice(2, 66)), hex(key.point.slice(66))];
  const point = add(multiply(base, s), multiply(own, sum));
  if (point === undefined) return undefined;
  const wanted = mod(r - point[0], order)
    .toString(16)
    .padStart(64, '0');
  const head = prefix(key);
  return (data) => {
    const digest = digestOf('sm3', Buffer.concat([head, data]));
    return (
      mod(hex(digest.toString('hex')), order)
        .toString(16)
        .padStart(64, '0') === wanted
    );
  };
}
