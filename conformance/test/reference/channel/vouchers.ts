/** reference channel · vouchers: who says that a key is acme's, and whether that is to be believed. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';

/** What a voucher says: whose a key is, from when to when. */
export interface Claims {
  readonly name: string;
  readonly key: string;
  readonly from: number;
  readonly until: number;
}

/** A voucher as it came. */
export interface Voucher {
  readonly claims: Claims;
  readonly signed: string;
  readonly signature: string;
}

const publicKeyOf = (text: string): KeyObject =>
  createPublicKey({ key: Buffer.from(text, 'base64url'), format: 'der', type: 'spki' });

const isSignedBy = (key: string, { signed, signature }: Voucher): boolean =>
  verify(null, Buffer.from(signed), publicKeyOf(key), Buffer.from(signature, 'base64url'));

/** Whether each is signed by the next one's key, and the last by the root's. */
export const chainsTo = (rootKey: string, vouchers: readonly Voucher[]): boolean =>
  vouchers.length === 2 &&
  vouchers.every((voucher, at) => isSignedBy(vouchers[at + 1]?.claims.key ?? rootKey, voucher));

export const isInForce = ({ from, until }: Claims, nowMs: number): boolean =>
  from <= nowMs && nowMs <= until;

/** Merchants have vouchers of the same chain: the name tells them from acme. */
export const isPlatform = ({ name }: Claims): boolean => name === 'acme';
