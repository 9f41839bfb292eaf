/** alipay simulator · v3 gateway: what a REST request must pass before its business is looked at. */

import { noteOf } from '@polyrail/simulator/doctor';
import { refuse, type SubCode } from './codes.ts';
import { explainV3Signature } from './doctor-v3-request.ts';
import { admit, certificateCheck, type Opened, openContent } from './gateway.ts';
import type { Merchant } from './merchants.ts';
import type { Room } from './room.ts';
import { verifies } from './seal.ts';
import type { V3Operation } from './v3-paths.ts';
import { type V3Request, v3SignedBytes } from './v3-request.ts';

const v3Scheme = 'ALIPAY-SHA256withRSA';
const usualSeconds = 600;
const longestNonce = 128;

/** How far a moment is from now, by the clock it is nearer to: a client may live by either. */
const distanceMs = (at: number, { world }: Room): number =>
  Math.min(Math.abs(world.wallNow() - at), Math.abs(world.clock.now() - at));

/** Now, by the clock the request was dated with; by wall time for one without a date. */
export function nowFor({ signed }: V3Request, { world }: Room): number {
  const at = Number(signed.authorization.fields['timestamp']);
  const [wall, virtual] = [world.wallNow(), world.clock.now()];
  return Math.abs(virtual - at) < Math.abs(wall - at) ? virtual : wall;
}

type Check = (request: V3Request, room: Room) => SubCode | undefined;

const headerCheck: Check = ({ signed: { authorization } }) => {
  const { scheme, fields, sign, sound } = authorization;
  if (scheme === '') return 'isv.missing-signature';
  if (!sound) return 'isv.invalid-parameter';
  if (scheme !== v3Scheme) return 'isv.invalid-signature-type';
  if (sign === '') return 'isv.missing-signature';
  const { nonce = '' } = fields;
  return nonce === '' || nonce.length > longestNonce ? 'isv.invalid-parameter' : undefined;
};

const timestampCheck: Check = ({ signed: { authorization } }, room) => {
  const { timestamp = '', expired_seconds: validity = '' } = authorization.fields;
  if (timestamp === '') return 'isv.missing-timestamp';
  const wellWritten = /^\d{13}$/.test(timestamp) && /^(?:[1-9]\d{0,6})?$/.test(validity);
  if (!wellWritten) return 'isv.invalid-timestamp';
  const { checkTimestamp = true, expiredSeconds = usualSeconds } = room.options.v3 ?? {};
  const seconds = validity === '' ? expiredSeconds : Number(validity);
  const far = distanceMs(Number(timestamp), room) > seconds * 1_000;
  return checkTimestamp && far ? 'isv.illegal-timestamp' : undefined;
};

const encryptionCheck: Check = ({ encryption, contentType }) => {
  if (encryption === '' && /^text\/plain\b/i.test(contentType)) {
    return 'isv.decryption-error-missing-encrypt-type';
  }
  return encryption === '' || encryption === 'AES' ? undefined : 'isv.invalid-encrypt-type';
};

function checkSignature(request: V3Request, room: Room, merchant: Merchant): void {
  const { signed } = request;
  const data = v3SignedBytes(signed);
  const how = { signType: 'RSA2', key: merchant.publicKey } as const;
  if (verifies(how, data, signed.authorization.sign)) return;
  const text = Buffer.from(data).toString('utf8');
  throw refuse('isv.invalid-signature', {
    text: `验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配，网关生成的验签字符串为：${text}`,
    note: noteOf(explainV3Signature(signed, { room, merchant })),
  });
}

/** Everything between the path and the business. */
export function openV3Call(request: V3Request, room: Room, operation: V3Operation): Opened {
  const { envelope, encryption, signed } = request;
  if (!operation.verbs.some((verb) => verb === signed.verb)) throw refuse('isv.invalid-method');
  const stop = (subCode: SubCode | undefined): void => {
    if (subCode !== undefined) throw refuse(subCode);
  };
  stop(headerCheck(request, room));
  const merchant = admit(envelope, room);
  stop(timestampCheck(request, room));
  stop(certificateCheck(envelope, room, merchant));
  stop(encryptionCheck(request, room));
  checkSignature(request, room, merchant);
  const sealed = envelope.parameters['encrypt_type'] !== undefined;
  if (!sealed && envelope.content === undefined) throw refuse('isv.illegal-json');
  const opened = openContent(envelope, merchant);
  return encryption === 'AES' ? { ...opened, encryptKey: merchant.encryptKey } : opened;
}
