/**
 * wechatpay simulator · shangmi: SM2, SM3 and SM4 for merchants that were invited to them. Loaded
 * with the first of them: the arithmetic takes as long to load as everything else.
 */
import { createPublicKey } from 'node:crypto';
import {
  decryptSm2,
  encryptSm2,
  generateSm2KeyPair,
  parseSm2PrivateKey,
  parseSm2PublicKey,
  signSm2,
  sm2PrivateKeyPem,
  sm2PublicKeyPem,
  verifySm2,
} from '@polyrail/kit/sm2';
import { decryptSm4Gcm, digestSm3, encryptSm4Gcm } from '@polyrail/kit/sm4';
import type { KeyPairPem } from '@polyrail/simulator';
import type { Sealed } from './secrets.ts';
import { issueSmCertificate, type SmCertificateRequest } from './shangmi-certificate.ts';
import { isBase64, type PrivateHalf, type PublicHalf, type Suite } from './v3-suite.ts';

const attempt = <T>(work: () => T): T | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};

/** Quirk: the key is half of the digest of the APIv3 key (dossier A4.5). */
const messageOf = ({ key, nonce, associatedData }: Sealed) => ({
  key: digestSm3(key).subarray(0, 16),
  nonce: Buffer.from(nonce),
  associated: Buffer.from(associatedData),
});

function smPublicHalf(pem: string): PublicHalf {
  const key = parseSm2PublicKey(pem);
  return {
    key: createPublicKey(sm2PublicKeyPem(key)),
    point: key.point,
    verifies: (data, signature) =>
      isBase64(signature) && verifySm2(key, data, Buffer.from(signature, 'base64')),
    seal: (plain) => Buffer.from(encryptSm2(key, plain)).toString('base64'),
  };
}

function smPrivateHalf(pem: string): PrivateHalf {
  const key = parseSm2PrivateKey(pem);
  return {
    sign: async (text) => Buffer.from(signSm2(key, text)).toString('base64'),
    open: (text) =>
      attempt(() => Buffer.from(decryptSm2(key, Buffer.from(text, 'base64'))).toString('utf8')),
  };
}

export const smSuite: Suite = {
  algorithm: 'SM',
  scheme: 'WECHATPAY2-SM2-WITH-SM3',
  resource: 'AEAD_SM4_GCM',
  sealResource: (sealed, plain) =>
    Buffer.from(encryptSm4Gcm(messageOf(sealed), plain)).toString('base64'),
  openResource: ({ ciphertext, ...sealed }) =>
    attempt(() => {
      const plain = decryptSm4Gcm(messageOf(sealed), Buffer.from(ciphertext, 'base64'));
      return Buffer.from(plain).toString('utf8');
    }),
  publicHalf: smPublicHalf,
  privateHalf: smPrivateHalf,
};

export function smKeys(): KeyPairPem {
  const pair = generateSm2KeyPair();
  return { privateKeyPem: sm2PrivateKeyPem(pair), publicKeyPem: sm2PublicKeyPem(pair.publicKey) };
}

/** A certificate in PEM, signed by whoever has `issuerKeyPem`. */
export function smCertificate(
  request: Omit<SmCertificateRequest, 'sign'>,
  issuerKeyPem: string,
): string {
  const key = parseSm2PrivateKey(issuerKeyPem);
  return issueSmCertificate({ ...request, sign: (data) => signSm2(key, data) });
}
