/** unionpay simulator · doctor-words: what UnionPay calls whatever the doctor speaks of. */
import type { Words } from '@polyrail/simulator/doctor';

/** How a shared key may have been used; the first is right for 11, the second for 12. */
export const keyedWays = {
  sha256: 'SHA-256 over the text, & and the SHA-256 of the key (11)',
  sm3: 'SM3 over the text, & and the SM3 of the key (12)',
  'sha256-bare': 'SHA-256 over the text, & and the key itself',
  'sm3-bare': 'SM3 over the text, & and the key itself',
  'sha256-text': 'SHA-256 over the text without any key',
} as const;
export type KeyedWay = keyof typeof keyedWays;

export const words: Words = {
  platform: 'UnionPay',
  party: 'merchant',
  partyId: 'certId',
  signature: 'signature',
  digests: { ...keyedWays, sha256: 'RSA with SHA-256 (5.1.0)', sha1: 'RSA with SHA-1 (5.0.0)' },
  says: 'version says',
  md5: 'which no version takes',
  register:
    'Sign with the key of the PFX file that /_sim/discovery hands out, and send the number of its ' +
    'certificate in certId.',
  nobody: (whose) =>
    `Nobody's key known here made the signature: it is another key than ${whose}, or the ` +
    'signature was damaged on the way.',
};

/** The same for messages with a shared key. */
export const keyedWords: Words = {
  ...words,
  partyId: 'merId',
  digests: keyedWays,
  says: 'signMethod says',
  register: 'Use the secureKey of the merchant, and the sign method that you name.',
  nobody: () =>
    'Neither the key of this merchant nor any usual way to use it leads to this signature.',
};
