/** Test aid: this adapter on its simulator, as the conformance suite wants it. */
import type { Subject } from '@polyrail/conformance';
import { type Context, secret } from '@polyrail/core';
import {
  startUnionPay,
  type UnionPayCredentials,
  type UnionPaySite,
} from '@polyrail/unionpay-simulator';
import { createUnionPay, type UnionPayConfig } from '../src/index.ts';

/** Sealed by the merchant's certificate, by a key, or by SM2. */
export type Mode = UnionPayConfig['signing']['method'];

/** What its agreements are: tokens, or mandates. */
export type Agreements = NonNullable<UnionPayConfig['agreements']>;

const authCode = '6229001234567890123';
const payeeName = '全渠道';
const cardNumber = '6217000000000001101';
// At a bank that takes a minute to credit it.
const payeeAccount = '6214830000000004405';

type ModeConfig = Pick<
  UnionPayConfig,
  'signing' | 'certificates' | 'platformCertificate' | 'encryptionCertificate'
>;

/** What is particular to a way of sealing. */
function modeConfig(credentials: UnionPayCredentials, mode: Mode): ModeConfig {
  const encryptionCertificate = credentials.encryptCert;
  if (mode === 'sm2') {
    const file = secret(credentials.sm2FileBase64);
    return {
      signing: { method: mode, file, passphrase: secret(credentials.sm2FilePassword) },
      platformCertificate: credentials.sm2PlatformCert,
      encryptionCertificate: credentials.sm2EncryptCert,
    };
  }
  if (mode !== 'rsa') {
    return {
      signing: { method: mode, key: secret(credentials.secureKey) },
      encryptionCertificate,
    };
  }
  const { merchantCert: certificate, merchantPrivateKey } = credentials;
  return {
    signing: { method: mode, certificate, key: secret(merchantPrivateKey) },
    certificates: { root: credentials.rootCert, middle: credentials.middleCert },
    encryptionCertificate,
  };
}

/** A merchant of the simulator. */
export const configOf = (credentials: UnionPayCredentials, baseUrl: string, mode: Mode) =>
  ({ ...merchantConfig(credentials, baseUrl, mode), tokenRequestor: credentials.trId }) as const;

/** The same merchant, who was granted 代收. */
export const collectingConfigOf = (credentials: UnionPayCredentials, baseUrl: string, mode: Mode) =>
  ({ ...merchantConfig(credentials, baseUrl, mode), agreements: 'collection' }) as const;

const merchantConfig = (credentials: UnionPayCredentials, baseUrl: string, mode: Mode) =>
  ({
    merId: credentials.merId,
    ...modeConfig(credentials, mode),
    notifyUrl: 'http://merchant.invalid/unionpay',
    returnUrl: 'http://shop.example/back',
    gatewayUrl: `${baseUrl}/gateway/api`,
    fileUrl: `${baseUrl}/`,
  }) as const satisfies UnionPayConfig;

/** The card of somebody who does not exist. */
const cardOf = (holder: string) => () => ({
  card: {
    number: secret(cardNumber),
    holder: secret(holder),
    identity: secret('341126197709218366'),
    phone: secret('13552535506'),
  },
});
const card = cardOf('全渠道');

/**
 * Quirk: a card has one token, however often it is opened. The agreement that the suite has signed
 * first, and goes on charging, is of a card that no other law ends.
 */
async function start(): Promise<UnionPaySite> {
  const site = await startUnionPay({
    mount: 'in-process',
    shareKeys: true,
    merchantKeyPrimes: 4,
    seed: 7,
    arrivalMs: 0,
    // A refund of twelve digits is covered.
    openingBalance: 1e14,
    // Noon in Beijing: the file of the day before is there.
    startAt: Date.parse('2026-11-22T04:00:00.000Z'),
  });
  let first: string | undefined;
  const { payer } = site;
  const approve: UnionPaySite['payer']['approve'] = (id, options) => {
    if (site.agreement(id) === undefined) return payer.approve(id, options);
    first ??= id;
    const card = id === first ? '6226090000000048' : '6216261000000000018';
    return payer.approve(id, { ...options, card });
  };
  return Object.create(site, { payer: { value: { ...payer, approve } } }) as UnionPaySite;
}

/** `00` at first; a minute later it is done. */
const takenOn = { order: { fault: 'slow', delayMs: 60_000 }, doneAfterMs: 60_000 };

/** The site's operations about agreements, by what these are. */
const agreementOperations = {
  token: {
    signUp: 'agreements.sms',
    confirmSignUp: 'agreements.open',
    querySignUp: 'agreements.query',
    signOff: 'agreements.end',
  },
  collection: {
    signUp: 'mandates.create',
    querySignUp: 'mandates.query',
    signOff: 'mandates.end',
  },
} as const;

/** UnionPay, sealed in one of its ways, with agreements of one kind. */
export const unionPaySubject = (
  mode: Mode,
  agreements: Agreements = 'token',
): Subject<UnionPaySite> => ({
  name: `unionpay (${mode}, ${agreements})`,
  start,
  create(site, context: Context, credentials) {
    const own = (credentials ?? site.credentials) as UnionPayCredentials | UnionPayConfig;
    const made = agreements === 'token' ? configOf : collectingConfigOf;
    const config = 'merchantPrivateKey' in own ? made(own, site.url, mode) : own;
    return createUnionPay(config as UnionPayConfig, context);
  },
  samples: {
    scenes: {
      barcode: () => ({ authCode, extra: { termId: '12345678' } }),
      card: () => ({ ...card(), extra: { otp: false, product: 'collection' } }),
    },
    authorize: { page: () => ({}), app: () => ({}) },
    signUp: { otp: card, card },
    strangersCard: cardOf('李四'),
    otp: (site, id) => site.smsCode(id),
    payees: () => [
      { payee: { kind: 'bank', account: secret(payeeAccount), name: secret(payeeName) } },
    ],
    ...(mode === 'rsa'
      ? {
          rotateKey: (site: UnionPaySite) => site.rotate(),
          certificateFaults: ['foreign-signature', 'stale-timestamp', 'wrong-name'],
        }
      : {}),
    acceptance: {
      pay: takenOn,
      refund: takenOn,
      cancel: takenOn,
      capture: takenOn,
      cancelAuthorization: takenOn,
      cancelCapture: takenOn,
      // The payee's bank takes a minute of its own.
      payout: { ...takenOn, doneAfterMs: 120_000 },
    },
    operations: {
      pay: '*.create',
      query: 'transactions.query',
      cancel: 'payments.cancel',
      reverse: 'payments.reverse',
      queryCancellation: 'transactions.query',
      refund: 'refunds.create',
      queryRefund: 'transactions.query',
      authorize: 'authorizations.create',
      queryAuthorization: 'transactions.query',
      capture: 'captures.create',
      cancelAuthorization: 'authorizations.cancel',
      cancelCapture: 'captures.cancel',
      ...agreementOperations[agreements],
      payout: 'payouts.create',
      queryPayout: 'transactions.query',
      statement: 'files.download',
      receive: '*.notify',
    },
    invalidCredentials(site) {
      const config = configOf(site.credentials, site.url, mode);
      return [
        {
          what: 'a merchant number cut short',
          field: 'config.merId',
          credentials: { ...config, merId: config.merId.slice(1) },
        },
        {
          what: 'an address that is none',
          field: 'config.notifyUrl',
          credentials: { ...config, notifyUrl: 'shop.example' },
        },
      ];
    },
  },
  waive: {
    'POUT-11': 'nothing documents how a payout that arrived comes back, or is told',
    'PAY-10': 'its query tells a payment as it was made, and nothing of what was given back',
  },
  secrets: ({ credentials }) => [
    credentials.merchantPrivateKey,
    credentials.merchantPrivateKey.split('\n').slice(1, 3).join(''),
    credentials.secureKey,
    credentials.sm2FileBase64,
    credentials.sm2PrivateKey.split('\n').slice(1, 3).join(''),
    authCode,
    payeeAccount,
    cardNumber,
    '341126197709218366',
    '13552535506',
  ],
});
