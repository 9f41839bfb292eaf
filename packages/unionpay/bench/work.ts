/** bench · work: whom all contestants act for, and with which keys. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { given, makeCertificate, makePair, type Pair } from '@polyrail/contest';

export const merId = '777290058110048';
export const tokenRequestor = '62000000001';
export const token = '6235240000020757577';
export const notifyUrl = 'https://shop.example/unionpay';
export const payPath = '/gateway/api/backTransReq.do';
/** One moment for all orders, so that their answers can be made before; in UTC, and in Beijing. */
export const startedAt = '2026-11-22T02:49:24.000Z';
export const txnTime = '20261122104924';

const platformName = '041@8310000000083040@中国银联股份有限公司@00016495';
const merchantSerial = 0x1046900150n;
const dayMs = 86_400_000;

interface Wish {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: bigint;
  readonly pair: Pair;
  /** Who signs it. */
  readonly by: Pair;
}

function certify({ pair, by, ...names }: Wish): string {
  const now = Date.now();
  return makeCertificate({
    ...names,
    publicKey: createPublicKey(pair.publicKey),
    issuerKey: createPrivateKey(by.privateKey),
    authority: names.issuer === 'Root',
    notBefore: now - dayMs,
    notAfter: now + 30 * dayMs,
  });
}

/** Authorities, UnionPay and the merchant, made for one run: what every process of it is told. */
export function makeEnvironment(): Readonly<Record<string, string>> {
  const [root, middle, platform, merchant] = [makePair(), makePair(), makePair(), makePair()];
  const [first, second] = [
    { subject: 'Root', issuer: 'Root', serial: 1n, pair: root, by: root },
    { subject: 'Middle', issuer: 'Root', serial: 2n, pair: middle, by: root },
  ];
  const issued = { issuer: 'Middle', by: middle };
  const [unionPay, own] = [
    { ...issued, subject: platformName, serial: 0x1046900149n, pair: platform },
    { ...issued, subject: 'Merchant', serial: merchantSerial, pair: merchant },
  ];
  return {
    BENCH_ROOT: certify(first),
    BENCH_MIDDLE: certify(second),
    BENCH_PLATFORM: certify(unionPay),
    BENCH_PLATFORM_KEY: platform.privateKey,
    BENCH_PLATFORM_PUBLIC: platform.publicKey,
    BENCH_MERCHANT: certify(own),
    BENCH_MERCHANT_KEY: merchant.privateKey,
  };
}

/** The number of the merchant's certificate in decimal. */
export const certId = String(merchantSerial);

export const platformKey = () => createPrivateKey(given('BENCH_PLATFORM_KEY'));
