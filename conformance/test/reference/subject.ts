/** reference · subject: acme's adapter on acme's site, as the suite wants them. */
import { secret } from '@polyrail/core';
import type { Site, Subject } from '../../src/subject.ts';
import { createReference } from './channel/channel.ts';
import type { ReferenceConfig } from './channel/config.ts';
import { honestParts, type Parts } from './channel/parts.ts';
import { impostor } from './impostor.ts';
import type { ReferenceCredentials } from './site/merchants.ts';
import { type ReferenceOptions, type ReferenceSite, startReference } from './site/site.ts';
import { type CertifiedSite, startCertified } from './tls.ts';

const authCode = '286512345678901234';
const account = '6222021234567890128';
const payeeName = 'Zhang Xiaoming of Shanghai';
const cardNumber = '6222020000001230';
const phone = '13800000000';
const cardOf = (securityCode: string) => () => ({
  card: {
    number: secret(cardNumber),
    phone: secret(phone),
    securityCode: secret(securityCode),
    expiry: secret('3112'),
  },
});
const card = cardOf(cardNumber.slice(-3));

/** A minute later it is done. */
const takenOn = { order: { fault: 'slow', delayMs: 60_000 }, doneAfterMs: 60_000 };

export function configOf(credentials: ReferenceCredentials): ReferenceConfig {
  const { merchantId, merchantSecret, platformSecret, rootKey, baseUrl } = credentials;
  return {
    merchantId,
    merchantSecret: secret(merchantSecret),
    platformSecret: secret(platformSecret),
    rootKey,
    baseUrl,
  };
}

const credentialsOf = (site: Site) => site.credentials as ReferenceCredentials;

export interface SubjectOptions {
  /** How the site is started. */
  readonly site?: ReferenceOptions;
  /** Parts of the adapter that stand in for the honest ones. */
  readonly parts?: Partial<Parts>;
}

export function referenceSubject(options: SubjectOptions = {}): Subject {
  const parts = { ...honestParts, ...options.parts };
  return {
    name: 'acme',
    start: () => startReference(options.site),
    create(site, context, credentials) {
      const own = (credentials ?? site.credentials) as ReferenceCredentials | ReferenceConfig;
      const config =
        typeof own.merchantSecret === 'string' ? configOf(own as ReferenceCredentials) : own;
      return createReference(config as ReferenceConfig, context, parts);
    },
    samples: {
      scenes: {
        barcode: () => ({ authCode }),
        page: () => ({ returnUrl: 'https://shop.example/back' }),
      },
      signUp: { page: () => ({ returnUrl: 'https://shop.example/back' }), otp: card, card },
      strangersCard: cardOf('731'),
      otp: (site, id) => (site as ReferenceSite).sent(id),
      payees: () => [
        { payee: { kind: 'wallet', id: 'W4711' } },
        { payee: { kind: 'wallet', id: 'W4712' } },
        { payee: { kind: 'bank', account: secret(account), name: secret(payeeName) } },
      ],
      operations: {
        pay: 'payments.create',
        query: 'payments.query',
        close: 'payments.close',
        cancel: 'payments.cancel',
        reverse: 'payments.reverse',
        queryCancellation: 'cancellations.query',
        refund: 'refunds.create',
        queryRefund: 'refunds.query',
        authorize: 'holds.create',
        queryAuthorization: 'holds.query',
        capture: 'holds.capture',
        cancelAuthorization: 'holds.release',
        signUp: 'agreements.create',
        confirmSignUp: 'agreements.confirm',
        querySignUp: 'agreements.query',
        signOff: 'agreements.end',
        payout: 'payouts.create',
        queryPayout: 'payouts.query',
        balance: 'balances.query',
        statement: 'statements.download',
        receive: 'notify.*',
      },
      rotateKey: (site) => (site as ReferenceSite).rotate(),
      impostor: () => impostor,
      certificateFaults: ['foreign-chain', 'expired-certificate', 'wrong-name'],
      acceptance: {
        pay: takenOn,
        refund: takenOn,
        cancel: takenOn,
        capture: takenOn,
        cancelAuthorization: takenOn,
        payout: takenOn,
      },
      invalidCredentials(site) {
        const config = configOf(credentialsOf(site));
        const wrong = (member: keyof ReferenceConfig, what: string, value: unknown) => ({
          what,
          field: `config.${member}`,
          credentials: { ...config, [member]: value },
        });
        return [
          wrong('merchantSecret', 'a secret cut short', secret('short')),
          wrong('merchantSecret', 'a secret not wrapped', { text: 'no secret' }),
          wrong('platformSecret', 'a secret cut short', secret('short')),
          wrong('rootKey', 'a key cut short', config.rootKey.slice(1)),
          wrong('merchantId', 'a merchant id with a blank', 'M 1234567'),
          wrong('baseUrl', 'an address with a path', `${config.baseUrl}/path`),
        ];
      },
    },
    clientTls: {
      start: startCertified,
      verbs: ['payout'],
      create(site, context, identity) {
        const { credentials, acmeAuthority, own, stranger } = site as CertifiedSite;
        const { certificatePem: cert, privateKeyPem } = identity === 'stranger' ? stranger : own;
        const key = identity === 'broken' ? privateKeyPem.slice(0, 900) : privateKeyPem;
        const shown = identity === 'none' ? {} : { clientCertificate: { cert, key: secret(key) } };
        const config = { ...configOf(credentials), authority: acmeAuthority, ...shown };
        return createReference(config, context, parts);
      },
    },
    secrets(site) {
      const { merchantSecret, platformSecret } = credentialsOf(site);
      return [merchantSecret, platformSecret, authCode, account, payeeName, cardNumber, phone];
    },
  };
}
