/**
 * simulator · multi-prime: RSA-2048 keys of four primes (RFC 8017 §3.2), which sign in a third of the time. Whoever
 * verifies sees an RSA-2048 key like any other; the private half is a form that not every library reads.
 */
import { createPrivateKey, createPublicKey, generatePrime } from 'node:crypto';
import forge from 'node-forge';
import type { KeyPairPem } from './certificates.ts';

const modulusBits = 2048;
const primeCount = 4;
const publicExponent = 65_537n;

const prime = (): Promise<bigint> =>
  new Promise((resolve, reject) => {
    const done = (error: Error | null, found: bigint) => (error ? reject(error) : resolve(found));
    generatePrime(modulusBits / primeCount, { bigint: true }, done);
  });

const productOf = (factors: readonly bigint[]): bigint =>
  factors.reduce((product, factor) => product * factor, 1n);

/** The number by which `value` gives 1; both have no factor in common. */
function inverseOf(value: bigint, modulus: bigint): bigint {
  let [rest, next] = [modulus, value % modulus];
  let [inverse, following] = [0n, 1n];
  while (next !== 0n) {
    const times = rest / next;
    [rest, next] = [next, rest - times * next];
    [inverse, following] = [following, inverse - times * following];
  }
  return inverse < 0n ? inverse + modulus : inverse;
}

/** Primes whose product has all its bits, and to which the public exponent can be undone. */
async function suitablePrimes(): Promise<readonly bigint[]> {
  for (;;) {
    const primes = await Promise.all(Array.from({ length: primeCount }, prime));
    const isLong = productOf(primes) >> BigInt(modulusBits - 1) === 1n;
    const isDistinct = new Set(primes).size === primeCount;
    if (isLong && isDistinct && primes.every((one) => (one - 1n) % publicExponent !== 0n)) {
      return primes;
    }
  }
}

const { Class, Type } = forge.asn1;

function integer(value: bigint): forge.asn1.Asn1 {
  const digits = value.toString(16);
  const even = digits.padStart(digits.length + (digits.length % 2), '0');
  // A leading zero keeps it positive.
  const positive = /^[89a-f]/.test(even) ? `00${even}` : even;
  return forge.asn1.create(Class.UNIVERSAL, Type.INTEGER, false, forge.util.hexToBytes(positive));
}

const sequence = (parts: forge.asn1.Asn1[]): forge.asn1.Asn1 =>
  forge.asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, parts);

/** `RSAPrivateKey` of RFC 8017 appendix A.1.2, version 1. */
function privateKeyDer(primes: readonly bigint[]): Buffer {
  const [first = 0n, second = 0n, ...others] = primes;
  const exponent = inverseOf(publicExponent, productOf(primes.map((one) => one - 1n)));
  const otherPrimes = others.map((one, index) => {
    const before = productOf(primes.slice(0, index + 2));
    return sequence([one, exponent % (one - 1n), inverseOf(before, one)].map(integer));
  });
  const numbers = [
    ...[1n, productOf(primes), publicExponent, exponent, first, second],
    ...[exponent % (first - 1n), exponent % (second - 1n), inverseOf(second, first)],
  ];
  const key = sequence([...numbers.map(integer), sequence(otherPrimes)]);
  return Buffer.from(forge.asn1.toDer(key).getBytes(), 'binary');
}

/** RSA-2048 of four primes, made on the thread pool. Its private half is for the runtime only. */
export async function generateQuickKeys(): Promise<KeyPairPem> {
  const key = privateKeyDer(await suitablePrimes());
  const privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs1' });
  return {
    privateKeyPem: String(privateKey.export({ format: 'pem', type: 'pkcs8' })),
    publicKeyPem: String(createPublicKey(privateKey).export({ format: 'pem', type: 'spki' })),
  };
}
