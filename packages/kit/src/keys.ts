/** kit · keys: private keys, public keys, certificates and PKCS#12 files, as people have them. */
export {
  type CertificateFacts,
  certificateFacts,
  chainsTo,
  issuedBy,
  type NameAttribute,
  parseCertificate,
  parseCertificates,
} from './keys/certificate.ts';
export { matches, rsaBits } from './keys/pair.ts';
export { parsePrivateKey, parsePublicKey } from './keys/parse.ts';
export { type Pfx, parsePfx } from './keys/pfx.ts';
export type { Source } from './keys/source.ts';
