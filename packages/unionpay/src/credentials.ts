/** unionpay · credentials: the merchant's own key and certificate, opened at first use (dossier §3.3, §4). */
import type { KeyObject } from 'node:crypto';
import { isPolyrailError, isSecret, revealText } from '@polyrail/core';
import { encodeText } from '@polyrail/kit/charset';
import { badConfig } from '@polyrail/kit/config';
import {
  certificateFacts,
  matches,
  parseCertificate,
  parsePfx,
  parsePrivateKey,
} from '@polyrail/kit/keys';
import { decryptPkcs1 } from '@polyrail/kit/pkcs1';
import { signRsa } from '@polyrail/kit/rsa';
import { signerOf } from '@polyrail/kit/signer';
import { decryptSm2, plainSm2Signature, signSm2 } from '@polyrail/kit/sm2';
import { parseSm2File } from '@polyrail/kit/sm2-file';
import type { Settings, UnionPaySigning } from './config.ts';
import { digestHex, keyedHex } from './digest.ts';
import { charsetOf } from './envelope.ts';

export type SignMethod = '01' | '11' | '12' | '21';

export const signMethods: { readonly [M in UnionPaySigning['method']]: SignMethod } = {
  rsa: '01',
  sha256: '11',
  sm3: '12',
  sm2: '21',
};

export interface Credentials {
  readonly signMethod: SignMethod;
  /** The decimal serial number of the merchant's certificate, where there is one. */
  readonly certId: string | undefined;
  /** The value of `signature` over a text to sign. */
  sign(text: string): Promise<string>;
  /** What UnionPay hid for this merchant; `undefined` where the key is not here. */
  decrypt: ((ciphertext: Uint8Array) => Uint8Array) | undefined;
}

/** Names the member of the configuration on what a parser has to say about a key. */
export function blame<T>(member: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!isPolyrailError(error)) throw badConfig(member, 'cannot be read');
    throw badConfig(member, `cannot be used: ${error.message}`);
  }
}

type Bytes = (text: string) => Uint8Array;

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

function rsaOfKey(key: KeyObject, certId: string, bytesOf: Bytes): Credentials {
  return {
    signMethod: '01',
    certId,
    sign: async (text) => base64(await signRsa('sha256', key, digestHex('sha256', bytesOf(text)))),
    decrypt: (ciphertext) => decryptPkcs1(key, ciphertext),
  };
}

type OwnKey = Extract<UnionPaySigning, { readonly certificate: string }>;

function rsaOfPair({ certificate: pem, key: source }: OwnKey, bytesOf: Bytes): Credentials {
  const certificate = blame('signing.certificate', () => parseCertificate(pem));
  const certId = certificateFacts(certificate).serialDecimal;
  if (isSecret(source)) {
    const key = blame('signing.key', () => parsePrivateKey(source));
    if (!matches(key, certificate)) {
      throw badConfig('signing.key', 'does not belong to signing.certificate');
    }
    return rsaOfKey(key, certId, bytesOf);
  }
  const sign = signerOf(source, 'sha256');
  return {
    signMethod: '01',
    certId,
    sign: async (text) =>
      base64(await sign(Buffer.from(digestHex('sha256', bytesOf(text)), 'ascii'))),
    decrypt: undefined,
  };
}

/** Opens what the configuration holds. @throws PolyrailError `CONFIG_INVALID`, naming the member */
export function openCredentials({ signing, encoding }: Settings): Credentials {
  const bytesOf: Bytes = (text) => encodeText(text, charsetOf(encoding));
  switch (signing.method) {
    case 'rsa': {
      if ('certificate' in signing) return rsaOfPair(signing, bytesOf);
      const { key, certificates } = blame('signing.pfx', () =>
        parsePfx(signing.pfx, signing.passphrase),
      );
      const [own] = certificates;
      if (own === undefined || !matches(key, own)) {
        throw badConfig('signing.pfx', 'holds no certificate of its key');
      }
      return rsaOfKey(key, certificateFacts(own).serialDecimal, bytesOf);
    }
    case 'sha256':
    case 'sm3': {
      const { method } = signing;
      return {
        signMethod: signMethods[method],
        certId: undefined,
        sign: async (text) => keyedHex(method, bytesOf(text), revealText(signing.key)),
        decrypt: undefined,
      };
    }
    case 'sm2': {
      const { key, certificate } = blame('signing.file', () =>
        parseSm2File(signing.file, signing.passphrase),
      );
      const certId = certificateFacts(certificate).serialDecimal;
      return {
        signMethod: '21',
        certId,
        sign: async (text) => {
          const signature = signSm2(key, digestHex('sm3', bytesOf(text)), certId);
          return base64(plainSm2Signature(signature));
        },
        decrypt: (ciphertext) => decryptSm2(key, ciphertext, 'plain'),
      };
    }
  }
}
