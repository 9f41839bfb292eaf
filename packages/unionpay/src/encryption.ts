/**
 * unionpay · encryption: the certificate under which card data is hidden, renewed by UnionPay's own
 * query once a day (dossier §5.2).
 */
import { type Call, type Clock, instantOf, PolyrailError, type Random } from '@polyrail/core';
import { requiredText } from '@polyrail/kit/fields';
import { certificateFacts, parseCertificate } from '@polyrail/kit/keys';
import { encryptPkcs1 } from '@polyrail/kit/pkcs1';
import { beforehand } from '@polyrail/kit/question';
import { nonce } from '@polyrail/kit/random';
import { encryptSm2, parseSm2PublicKey } from '@polyrail/kit/sm2';
import { fromRejection, isDone } from './answer.ts';
import type { Settings } from './config.ts';
import { blame } from './credentials.ts';
import type { Message } from './envelope.ts';
import type { Crossing, Exchange } from './exchange.ts';
import { requireEcho } from './messages.ts';
import type { Seal } from './seal.ts';
import type { Hider } from './sensitive.ts';
import { wireTime } from './time.ts';
import { services } from './transactions.ts';

const dayMs = 24 * 3_600_000;
/** A question that failed is asked again this much later. */
const againMs = 10 * 60_000;
/** RSA certificates, the only ones that can be asked for. */
const certType = '01';

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

export interface EncryptionParts {
  readonly settings: Settings;
  readonly seal: Seal;
  readonly clock: Clock;
  readonly random: Random;
  readonly call: (order: Exchange, crossing: Crossing) => Promise<Message>;
}

/** With SM2 its layout has no ASN.1: the point, the digest, the text, one behind the other (§14.2). */
function sm2Hider(pem: string): Hider {
  const certificate = blame('encryptionCertificate', () => parseCertificate(pem));
  const key = blame('encryptionCertificate', () => parseSm2PublicKey(certificate.raw));
  return {
    certId: certificateFacts(certificate).serialDecimal,
    hide: (plain) => base64(encryptSm2(key, plain, 'plain')),
  };
}

/** One whose validity the configuration answers for: as it stands there it is used. */
function configuredHider(pem: string, random: Random): Hider {
  const { publicKey, serialDecimal } = blame('encryptionCertificate', () =>
    certificateFacts(parseCertificate(pem)),
  );
  return {
    certId: serialDecimal,
    hide: (plain) =>
      blame('encryptionCertificate', () => {
        if (publicKey === undefined) throw new Error('no RSA key');
        return base64(encryptPkcs1(publicKey, plain, random));
      }),
  };
}

/**
 * Gives what hides card data.
 *
 * The certificate that is asked for must chain to the configured authorities: who could put another
 * one in its place would read every card.
 */
export function encryptionOf(parts: EncryptionParts) {
  const { settings, seal, clock, random, call } = parts;
  const { signing, encryptionCertificate } = settings;
  let current: { readonly hider: Hider; readonly untilMs: number } | undefined;
  let underWay: Promise<Hider> | undefined;

  async function ask(signal: AbortSignal): Promise<Hider> {
    const nowMs = clock.now();
    const id = `cert${wireTime(nowMs)}${nonce(random, 8)}`;
    const transaction = services.encryptionCertificate;
    const order = { id, startedAt: instantOf(nowMs) };
    const exchange = { transaction, order, fields: { certType } };
    const message = await call(exchange, beforehand({ signal }));
    if (!isDone(message)) {
      fromRejection(transaction, message);
      throw new PolyrailError('UNAVAILABLE', 'UnionPay does not tell its encryption certificate');
    }
    requireEcho(message, { certType });
    const { key, serial } = seal.trust.chained(requiredText(message, 'encryptPubKeyCert'), nowMs);
    return { certId: serial, hide: (plain) => base64(encryptPkcs1(key, plain, random)) };
  }
  /** Quirk: old and new certificates are both taken for a month, so that a query may fail for once. */
  async function renewed(signal: AbortSignal): Promise<Hider> {
    const known = current?.hider ?? configured();
    try {
      const hider = await ask(signal);
      current = { hider, untilMs: clock.now() + dayMs };
      return hider;
    } catch (error) {
      if (known === undefined || signal.aborted) throw error;
      current = { hider: known, untilMs: clock.now() + againMs };
      return known;
    }
  }
  const configured = (): Hider | undefined =>
    encryptionCertificate === undefined
      ? undefined
      : configuredHider(encryptionCertificate, random);

  /** One question at a time; who finds one under way that somebody else gives up asks again. */
  async function shared(signal: AbortSignal): Promise<Hider> {
    const others = underWay;
    if (others !== undefined) {
      const hider = await others.catch(() => undefined);
      if (hider !== undefined) return hider;
    }
    const own = renewed(signal).finally(() => {
      if (underWay === own) underWay = undefined;
    });
    underWay = own;
    return own;
  }
  return async ({ signal }: Pick<Call, 'signal'>): Promise<Hider> => {
    if (signing.method === 'sm2') return sm2Hider(encryptionCertificate ?? '');
    if (signing.method !== 'rsa') return configuredHider(encryptionCertificate ?? '', random);
    if (current !== undefined && clock.now() < current.untilMs) return current.hider;
    return shared(signal);
  };
}
