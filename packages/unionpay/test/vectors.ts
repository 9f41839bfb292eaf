/** Test aid: the published and recorded answers, by kind. */
import { readFileSync } from 'node:fs';
import { secret } from '@polyrail/core';
import type { UnionPayConfig } from '../src/index.ts';

export interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly [member: string]: unknown;
}
const file = new URL('./vectors/unionpay.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: readonly Vector[] };

export const text = (vector: Vector, member: string): string => {
  const value = vector[member];
  if (typeof value !== 'string') throw new Error(`${vector.id} has no text ${member}`);
  return value;
};
export const fieldsOf = (vector: Vector, member = 'fields'): Record<string, string> =>
  Object.fromEntries(
    Object.entries(vector[member] as object).map(([name, value]) => [name, String(value)]),
  );
export function vector(id: string): Vector {
  const found = vectors.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no vector ${id}`);
  return found;
}
export function of(...kinds: readonly string[]): [string, Vector][] {
  const found = vectors.filter(({ kind }) => kinds.includes(kind));
  if (found.length === 0) throw new Error(`no vectors of kind ${kinds.join(', ')}`);
  return found.map((one) => [one.id, one]);
}
export const all = vectors;

export const pemOf = (id: string, member = 'derBase64'): string => {
  const lines = text(vector(id), member).replaceAll(/.{64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
};

/** The configuration of the recorded traffic's merchant: UnionPay's public test material. */
export const recorded = (
  pfx = 'pfx.test.sign.2015',
  merId = '777290058158143',
): UnionPayConfig => ({
  merId,
  signing: {
    method: 'rsa',
    pfx: secret(text(vector(pfx), 'pfxBase64')),
    passphrase: secret(text(vector(pfx), 'password')),
  },
  certificates: { root: pemOf('cert.test.root'), middle: pemOf('cert.test.middle') },
  environment: 'test',
  notifyUrl: 'https://shop.example/unionpay',
});
