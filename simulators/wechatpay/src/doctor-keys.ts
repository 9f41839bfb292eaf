/** wechatpay simulator · doctor-keys: what is wrong with the key a client verifies by. */
import { X509Certificate } from 'node:crypto';
import {
  type Found,
  type KeyHolder,
  type PastedKey,
  readPastedKey,
  sameKey,
} from '@polyrail/simulator/doctor';
import { messageHolders } from './doctor-witness.ts';
import type { Room } from './room.ts';

const found = (cause: string, rule: string, advice: string): Found => ({ cause, rule, advice });

const bySerial =
  'Pick the key that Wechatpay-Serial names: a certificate by its serial number (download an ' +
  'unknown one from /v3/certificates), the public key by its PUB_KEY_ID_….';

/** What kind of public key a text is; nothing for an empty one. */
export function pastedKey(pasted: string | undefined, { platform }: Room): PastedKey {
  if (pasted === undefined || pasted.trim() === '') return { found: [] };
  return readPastedKey(pasted, (bytes) => {
    const { point = '' } = platform.suite.publicHalf(Buffer.from(bytes).toString('base64'));
    return { point };
  });
}

/** What is wrong with the key a client verifies by, given who signed. */
export function keyBelief(
  { key, sm2, found: format }: PastedKey,
  signer: KeyHolder | undefined,
  room: Room,
): readonly Found[] {
  const is = (holder: KeyHolder) =>
    key === undefined ? holder.sm2?.point === sm2?.point : sameKey(holder.key, key);
  if ((key === undefined && sm2 === undefined) || (signer !== undefined && is(signer)))
    return format;
  const holder = messageHolders(room).find(is);
  if (holder?.role === 'other') {
    const rule = `You verify with the key of ${holder.whose}, not with WeChat Pay's`;
    const advice =
      "apiclient_cert.pem is the merchant's own: configure the platform certificate, or WeChat " +
      "Pay's public key.";
    return [...format, found('own-key', rule, advice)];
  }
  if (holder?.role === 'expected') {
    const rule = `You verify with the key of ${holder.whose}, another one than signed`;
    return [...format, found('wrong-platform-key', rule, bySerial)];
  }
  const root = new X509Certificate(room.platform.rootPem).publicKey;
  if (key !== undefined && sameKey(root, key)) {
    const rule = "You verify with the root's key: it signs certificates, not messages";
    return [...format, found('root-certificate', rule, bySerial)];
  }
  const rule = "You verify with a key that is none of WeChat Pay's here";
  return [...format, found('unknown-key', rule, bySerial)];
}
