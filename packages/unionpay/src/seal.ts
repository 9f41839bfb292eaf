/** unionpay · seal: puts signatures on messages, and takes off those of UnionPay (dossier §3). */
import { type Clock, PolyrailError, revealText } from '@polyrail/core';
import { base64Bytes } from '@polyrail/kit/base64';
import { createRedrawnCheck } from '@polyrail/kit/canonical';
import { encodeText } from '@polyrail/kit/charset';
import { constantTimeEqual } from '@polyrail/kit/compare';
import { certificateFacts, parseCertificate } from '@polyrail/kit/keys';
import { verifyRsa } from '@polyrail/kit/rsa';
import { derSm2Signature, parseSm2PublicKey, verifySm2 } from '@polyrail/kit/sm2';
import type { Settings } from './config.ts';
import { blame, type Credentials, openCredentials } from './credentials.ts';
import { digestHex, keyedHex } from './digest.ts';
import {
  charsetOf,
  type Encoding,
  type Fields,
  type Message,
  presentFields,
  signedText,
} from './envelope.ts';
import { type Trust, trustOf } from './trust.ts';

const version = '5.1.0';

export interface Seal {
  /** The fields with head and signature, empty ones left out. */
  sealFields(fields: Fields): Promise<Record<string, string>>;
  /**
   * Checks a message of this version by the configured method. What it says about its own method
   * decides nothing, but it may not say another one.
   *
   * @throws PolyrailError `REPLY_UNVERIFIED`
   */
  requireSigned(message: Message, encoding?: Encoding): void;
  /** The same for a notification of 5.0.0, where its certificates are configured. */
  requireLegacy(message: Message, encoding: Encoding): void;
  /** What UnionPay hid for the merchant; `undefined` where it cannot be read here. */
  reveal(base64: string): string | undefined;
  readonly trust: Trust;
  credentials(): Credentials;
}

const unverified = (message: string): PolyrailError =>
  new PolyrailError('REPLY_UNVERIFIED', message, { doubt: 'unverified-reply' });

/** What messages decide something by, and the fields that every one has. */
const redrawn = createRedrawnCheck(
  (
    'version encoding signMethod signPubKeyCert certId merId accessType bizType txnType txnSubType ' +
    'orderId txnTime txnAmt currencyCode queryId origQryId respCode origRespCode settleAmt ' +
    'settleDate settleCurrencyCode accNo preAuthId tn qrCode tokenPayData customerInfo fileContent'
  ).split(' '),
);

/** A field that the check itself needs. */
function needed(message: Message, name: string): string {
  const value = Object.hasOwn(message, name) ? message[name] : undefined;
  if (value !== undefined && value !== '') return value;
  throw unverified(`The message has no ${name}`);
}

type Check = (bytes: Uint8Array, message: Message) => boolean;

/** Method 01: the certificate is in the message, and believed only after its own checks. */
const rsaCheck =
  (trust: Trust, clock: Clock): Check =>
  (bytes, message) => {
    const key = trust.signer(needed(message, 'signPubKeyCert'), clock.now());
    const signature = base64Bytes(needed(message, 'signature'));
    if (signature === undefined) return false;
    return verifyRsa('sha256', key, digestHex('sha256', bytes), signature);
  };

/** Method 21: the certificate must be the configured one; its serial number is the signer's name. */
function sm2Check({ platformCertificate = '' }: Settings): Check {
  let opened: { readonly der: Buffer; readonly serial: string } | undefined;
  return (bytes, message) => {
    opened ??= blame('platformCertificate', () => {
      const certificate = parseCertificate(platformCertificate);
      return { der: certificate.raw, serial: certificateFacts(certificate).serialDecimal };
    });
    const { der, serial } = opened;
    const told = message['signPubKeyCert'];
    if (told !== undefined && told !== '' && !isSame(told, der)) {
      throw unverified("The message's certificate is not the configured one");
    }
    const plain = base64Bytes(needed(message, 'signature'));
    const signature = plain === undefined ? undefined : derSm2Signature(plain);
    if (signature === undefined) return false;
    return verifySm2(parseSm2PublicKey(der), digestHex('sm3', bytes), signature, serial);
  };
}

function isSame(pem: string, der: Uint8Array): boolean {
  try {
    return parseCertificate(pem).raw.equals(der);
  } catch {
    return false;
  }
}

function checkOf(settings: Settings, trust: Trust, clock: Clock): Check {
  const { signing } = settings;
  switch (signing.method) {
    case 'rsa':
      return rsaCheck(trust, clock);
    case 'sm2':
      return sm2Check(settings);
    default: {
      const { method, key } = signing;
      return (bytes, message) =>
        constantTimeEqual(needed(message, 'signature'), keyedHex(method, bytes, revealText(key)));
    }
  }
}

/** What a message says about how it was made must be what is configured. */
function requireStated(message: Message, stated: Readonly<Record<string, string>>): void {
  for (const [name, expected] of Object.entries(stated)) {
    if (needed(message, name) === expected) continue;
    throw unverified(`The message's ${name} is not ${expected}`);
  }
}

function requireUndrawn(message: Message): void {
  const field = redrawn.find(message);
  if (field === undefined) return;
  throw unverified(`${field.slice(0, 64)} reads like further fields`);
}

export function createSeal(settings: Settings, { clock }: { readonly clock: Clock }): Seal {
  const trust = trustOf(settings);
  const check = checkOf(settings, trust, clock);
  let opened: Credentials | undefined;
  const credentials = () => {
    opened ??= openCredentials(settings);
    return opened;
  };
  const bytesOf = (message: Message, encoding: Encoding): Uint8Array =>
    encodeText(signedText(message), charsetOf(encoding));
  return {
    trust,
    credentials,
    async sealFields(fields) {
      const { signMethod, certId, sign } = credentials();
      const { encoding } = settings;
      redrawn.requireSendable(fields);
      const whole = presentFields({ version, encoding, signMethod, certId, ...fields });
      return { ...whole, signature: await sign(signedText(whole)) };
    },
    requireSigned(message, encoding = settings.encoding) {
      requireStated(message, { version, signMethod: credentials().signMethod });
      requireUndrawn(message);
      if (!check(bytesOf(message, encoding), message)) {
        throw unverified('The signature does not fit');
      }
    },
    requireLegacy(message, encoding) {
      requireStated(message, { version: '5.0.0', signMethod: '01' });
      requireUndrawn(message);
      const key = trust.legacy(needed(message, 'certId'), clock.now());
      const signature = base64Bytes(needed(message, 'signature'));
      const text = digestHex('sha1', bytesOf(message, encoding));
      if (signature !== undefined && verifyRsa('sha1', key, text, signature)) return;
      throw unverified('The signature does not fit');
    },
    reveal(base64) {
      const { decrypt } = credentials();
      const bytes = base64Bytes(base64);
      if (decrypt === undefined || bytes === undefined) return undefined;
      try {
        return Buffer.from(decrypt(bytes)).toString('utf8');
      } catch {
        return undefined;
      }
    },
  };
}
