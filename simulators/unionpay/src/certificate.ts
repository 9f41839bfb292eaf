/** unionpay simulator · certificate: hands out what sensitive fields are encrypted with. */
import type { Call } from './call.ts';
import { invalid } from './codes.ts';
import type { Fields } from './form.ts';
import { wirePem } from './platform.ts';

/** 95: the newest one; those before are understood, too. */
export function queryCertificate({ fields, voice, room }: Call): Fields {
  const { certType = '' } = fields;
  if (certType !== '01') throw invalid('certType');
  const { platform } = room;
  const newest = voice.signMethod === '21' ? platform.sm2().encryption : platform.encryption()[0];
  return { certType, encryptPubKeyCert: newest === undefined ? '' : wirePem(newest) };
}
