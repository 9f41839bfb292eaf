/** reference · impostor: poses as acme, with a secret and a chain of vouchers of his own. */
import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Incoming } from '@polyrail/core';
import type { Impostor } from '../../src/subject.ts';

const secretOf = (number: number): string => `a secret of the impostor, number ${number}`;

const nameOf = (number: number): string =>
  createHash('sha256')
    .update(`key id ${secretOf(number)}`)
    .digest('hex')
    .slice(0, 16);

/** The headers of his seal over these parts, one below the other. */
function sealOf(number: number, parts: readonly unknown[]): Record<string, string> {
  const signature = createHmac('sha256', secretOf(number)).update(parts.join('\n')).digest('hex');
  return { 'x-acme-key': nameOf(number), 'x-acme-signature': signature };
}

const textOf = (body: Uint8Array): string => Buffer.from(body).toString('utf8');

function pushed({ headers, body, ...rest }: Incoming, number: number): Incoming {
  const stamp = [headers['x-acme-timestamp'], headers['x-acme-event']];
  const own = sealOf(number, [...stamp, textOf(body)]);
  return { ...rest, body, headers: { ...headers, ...own } };
}

const publicText = (key: KeyObject): string =>
  key.export({ format: 'der', type: 'spki' }).toString('base64url');

function vouchers(number: number): readonly string[] {
  const [root, middle] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
  const made = (name: string, key: string, by: KeyObject): string => {
    const claims = { name, key, from: 0, until: Number.MAX_SAFE_INTEGER, issuer: 'acme root' };
    const text = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `${text}.${sign(null, Buffer.from(text), by).toString('base64url')}`;
  };
  const leaf = made('acme', nameOf(number), middle.privateKey);
  return [leaf, made('acme middle', publicText(middle.publicKey), root.privateKey)];
}

/** He knows no merchant's secret: what he hands out is as it is. */
const handedOut = (number: number) => ({
  vouchers: vouchers(number),
  hidden: Buffer.from(secretOf(number)).toString('base64'),
});

export const impostor: Impostor = {
  push: pushed,
  reply({ headers, body, ...rest }, request, number) {
    const own = sealOf(number, [request.headers['x-acme-nonce'], textOf(body)]);
    return { ...rest, body, headers: { ...headers, ...own } };
  },
  answer({ url }) {
    if (!url.includes('/v1/keys')) return undefined;
    const body = Buffer.from(JSON.stringify({ keys: [handedOut(1)] }));
    return { status: 200, headers: {}, body: new Uint8Array(body) };
  },
};
