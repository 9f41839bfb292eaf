/** wechatpay · cipher: opens what WeChat Pay encrypts with the APIv3 key (dossier A4.3). */
import { PolyrailError } from '@polyrail/core';
import { decodeText } from '@polyrail/kit/charset';
import { type Message, requiredText, textOf } from './messages.ts';
import type { Trust } from './trust.ts';

const unreadable = (message: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', message, { doubt: 'unreadable-reply' });

/**
 * The text of a resource. Nothing of it is given before its tag was checked; the algorithm is the
 * configuration's.
 *
 * @throws PolyrailError `REPLY_UNREADABLE`
 */
export function openResource(
  resource: Message,
  { algorithm, apiV3Key }: Pick<Trust, 'algorithm' | 'apiV3Key'>,
): string {
  if (requiredText(resource, 'algorithm') !== algorithm.resource) {
    throw unreadable(`The resource is not encrypted with ${algorithm.resource}`);
  }
  const ciphertext = requiredText(resource, 'ciphertext');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(ciphertext)) throw unreadable('The resource is no base64');
  const message = {
    key: apiV3Key,
    nonce: Buffer.from(requiredText(resource, 'nonce'), 'utf8'),
    // Quirk: samples of the documentation leave it empty, the real ones name the kind of resource.
    associated: Buffer.from(textOf(resource, 'associated_data') ?? '', 'utf8'),
  };
  const plain = algorithm.decrypt(message, Buffer.from(ciphertext, 'base64'));
  return decodeText(plain, 'utf-8', { fatal: true });
}
