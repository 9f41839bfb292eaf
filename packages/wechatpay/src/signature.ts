/** wechatpay · signature: the texts that are signed, and the signature in a message's headers (A2, A3). */
import { PolyrailError } from '@polyrail/core';
import { base64Bytes } from '@polyrail/kit/base64';
import type { NamedKey } from './platform-keys.ts';
import type { Target } from './road.ts';

/** A message as it came: header names in lower case, the body in raw bytes. */
export interface Envelope {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** How many probes came: messages that WeChat Pay signs wrongly on purpose. */
export interface Probes {
  count: number;
}

export interface Signature {
  readonly timestamp: string;
  readonly nonce: string;
  readonly serial: string;
  readonly bytes: Uint8Array;
}

/** How far the time of a message may be from ours. */
export const maxSkewMs = 300_000;
const probePrefix = 'WECHATPAY/SIGNTEST/';

const probeErrors = new WeakSet<object>();

/** Whether a message was refused for being a probe: its repetition will be signed as it should. */
export const isProbe = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && probeErrors.has(error);

export const unverified = (message: string): PolyrailError =>
  new PolyrailError('REPLY_UNVERIFIED', message, { doubt: 'unverified-reply' });

/** What a request's signature covers; every line ends with a line feed, the last one too. */
export const signedRequest = (
  { method, target, body }: Target,
  { timestamp, nonce }: Pick<Signature, 'timestamp' | 'nonce'>,
): string => `${method}\n${target}\n${timestamp}\n${nonce}\n${body}\n`;

/** What a message's signature covers. */
export const signedMessage = (
  { timestamp, nonce }: Pick<Signature, 'timestamp' | 'nonce'>,
  body: Uint8Array,
): Uint8Array =>
  Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`, 'utf8'), body, Buffer.from('\n')]);

const headerOf = ({ headers }: Envelope, name: string): string =>
  headers[`wechatpay-${name}`] ?? '';

/** Whether a message claims a signature at all. */
export const claimsSignature = (envelope: Envelope): boolean =>
  ['signature', 'serial', 'timestamp', 'nonce'].some((name) => headerOf(envelope, name) !== '');

/**
 * The signature in the headers. Its algorithm is the configuration's: a message may only agree.
 *
 * @throws PolyrailError `REPLY_UNVERIFIED`; probes are counted
 */
export function signatureOf(envelope: Envelope, scheme: string, probes: Probes): Signature {
  const text = headerOf(envelope, 'signature');
  if (text.startsWith(probePrefix)) {
    probes.count += 1;
    const error = unverified('The message is a probe of WeChat Pay, signed wrongly on purpose');
    probeErrors.add(error);
    throw error;
  }
  const timestamp = headerOf(envelope, 'timestamp');
  const nonce = headerOf(envelope, 'nonce');
  const serial = headerOf(envelope, 'serial');
  if ([text, timestamp, nonce, serial].includes('')) throw unverified('The message is not signed');
  // Quirk: some messages leave the type out; then it is the configured one.
  const type = headerOf(envelope, 'signature-type');
  if (type !== '' && type !== scheme) throw unverified(`The message is not signed with ${scheme}`);
  const bytes = base64Bytes(text);
  if (bytes === undefined) throw unverified('The signature of the message is no base64');
  return { timestamp, nonce, serial, bytes };
}

/** @throws PolyrailError `REPLY_UNVERIFIED` unless the key signed these bytes */
export function requireSigned(
  signature: Signature,
  body: Uint8Array,
  key: NamedKey['key'] | undefined,
): void {
  if (key?.verifies(signedMessage(signature, body), signature.bytes)) return;
  throw unverified(
    "The signature is not WeChat Pay's over these bytes: was the raw body passed on?",
  );
}

/** Whether a message is of this time. */
export function isFresh({ timestamp }: Signature, atMs: number): boolean {
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  return Math.abs(atMs - Number(timestamp) * 1000) <= maxSkewMs;
}

export const requireFresh = (signature: Signature, atMs: number): void => {
  if (isFresh(signature, atMs)) return;
  throw unverified('The message is not of this time: it was kept, or the clocks differ');
};
