/** alipay simulator · doctor-words: what Alipay calls whatever the doctor speaks of. */
import type { Words } from '@polyrail/simulator/doctor';
import type { SignType } from './seal.ts';

export const digestNames: Readonly<Record<SignType, string>> = {
  RSA2: 'sha256',
  RSA: 'sha1',
  SM2: 'sm3',
};

export const words: Words = {
  platform: 'Alipay',
  party: 'app',
  partyId: 'app_id',
  signature: 'sign',
  digests: { sha256: 'RSA2 (SHA-256)', sha1: 'RSA (SHA-1)', sm3: 'SM2 (SM3)' },
  says: 'sign_type says',
  md5: 'as the old mapi gateway took',
  register:
    'Upload the public half of the key you sign with, or sign with the private half of the ' +
    'registered one. `openssl pkey -in private.pem -pubout -outform DER | sha256sum` prints its ' +
    'fingerprint.',
  nobody: (whose) =>
    `Nobody's key known here made the signature: it is another key than ${whose}, or the ` +
    'signature was damaged on the way.',
};
