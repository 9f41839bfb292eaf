/** wechatpay · cipher: opens what WeChat Pay encrypts with the APIv3 key (dossier A4.3). */
import { PolyrailError } from '@polyrail/core';
import { base64Bytes } from '@polyrail/kit/base64';
import { decodeText } from '@polyrail/kit/charset';
import type { GcmMessage } from '@polyrail/kit/gcm';
import { type Message, requiredText, textOf } from './messages.ts';
import type { Trust } from './trust.ts';

const unreadable = (message: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', message, { doubt: 'unreadable-reply' });

/** A resource, taken apart and not yet opened. */
export interface SealedResource {
  readonly message: GcmMessage;
  readonly bytes: Uint8Array;
}

/** Takes a resource apart. Its algorithm is the configuration's. */
function readResource(resource: Message, { algorithm, apiV3Key }: CipherTrust): SealedResource {
  if (requiredText(resource, 'algorithm') !== algorithm.resource) {
    throw unreadable(`The resource is not encrypted with ${algorithm.resource}`);
  }
  const bytes = base64Bytes(requiredText(resource, 'ciphertext'));
  if (bytes === undefined) throw unreadable('The resource is no base64');
  const message = {
    key: apiV3Key,
    nonce: Buffer.from(requiredText(resource, 'nonce'), 'utf8'),
    // Quirk: samples of the documentation leave it empty, the real ones name the kind of resource.
    associated: Buffer.from(textOf(resource, 'associated_data') ?? '', 'utf8'),
  };
  return { message, bytes };
}

type CipherTrust = Pick<Trust, 'algorithm' | 'apiV3Key'>;

/**
 * The text of a resource. Nothing of it is given before its tag was checked.
 *
 * @throws PolyrailError `REPLY_UNREADABLE`
 */
export function openResource(resource: Message, trust: CipherTrust): string {
  const { message, bytes } = readResource(resource, trust);
  return decodeText(trust.algorithm.decrypt(message, bytes), 'utf-8', { fatal: true });
}

/**
 * Whether the APIv3 key opens a resource, which then can only be WeChat Pay's.
 *
 * @throws PolyrailError `REPLY_UNREADABLE` for what is no resource
 */
export function opens(resource: Message, trust: CipherTrust): boolean {
  const { message, bytes } = readResource(resource, trust);
  try {
    trust.algorithm.decrypt(message, bytes);
    return true;
  } catch {
    return false;
  }
}
