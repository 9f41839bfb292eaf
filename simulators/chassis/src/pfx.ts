/** simulator · pfx: PKCS#12 files, in the packing that every merchant's tool opens. */
import forge from 'node-forge';

export interface PfxContent {
  /** PKCS#8. */
  readonly privateKeyPem: string;
  /** The certificate of the key first, then those above it. */
  readonly certificatePems: readonly string[];
  readonly password: string;
}

/** A key with its certificates, packed with 3DES. */
export function writePfx({ privateKeyPem, certificatePems, password }: PfxContent): Uint8Array {
  const key = forge.pki.privateKeyFromPem(privateKeyPem);
  const certificates = certificatePems.map((pem) => forge.pki.certificateFromPem(pem));
  const structure = forge.pkcs12.toPkcs12Asn1(key, certificates, password, { algorithm: '3des' });
  return Buffer.from(forge.asn1.toDer(structure).getBytes(), 'binary');
}
