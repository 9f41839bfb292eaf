/** bench · contestants: one payment by token each, in two ways. */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { given, inFlight, type Pay } from '@polyrail/contest';
import { money, secret } from '@polyrail/core';
import { Pool } from 'undici';
import { digestOf } from './sealing.ts';
import {
  certId,
  merId,
  notifyUrl,
  payPath,
  startedAt,
  token,
  tokenRequestor,
  txnTime,
} from './work.ts';

/** UnionPay's numbers are of letters and digits. */
const numberOf = (id: string): string => id.replace('_', '00');

async function polyrail(): Promise<Pay> {
  const { createUnionPay } = await import('../src/index.ts');
  const unionpay = createUnionPay({
    merId,
    signing: {
      method: 'rsa',
      certificate: given('BENCH_MERCHANT'),
      key: secret(given('BENCH_MERCHANT_KEY')),
    },
    certificates: { root: given('BENCH_ROOT'), middle: given('BENCH_MIDDLE') },
    tokenRequestor,
    notifyUrl,
    gatewayUrl: `${given('BENCH_ORIGIN')}/gateway/api`,
  });
  const amount = money('9.00', 'CNY');
  const agreement = {
    noun: 'agreement',
    merchantId: 'agree001',
    channelId: token,
    startedAt,
  } as const;
  return async (id) => {
    const { status } = await unionpay.pay({
      scene: 'agreement',
      merchantPaymentId: numberOf(id),
      startedAt,
      amount,
      description: 'Tea',
      agreement,
    });
    if (status !== 'pending') throw new Error(`${id} is ${status}`);
  };
}

const fieldsOf = (orderId: string): Readonly<Record<string, string>> => ({
  accessType: '0',
  backUrl: notifyUrl,
  bizType: '000902',
  certId,
  channelType: '07',
  currencyCode: '156',
  encoding: 'UTF-8',
  merId,
  orderDesc: 'Tea',
  orderId,
  signMethod: '01',
  tokenPayData: `{token=${token}&trId=${tokenRequestor}}`,
  txnAmt: '900',
  txnSubType: '01',
  txnTime,
  txnType: '01',
  version: '5.1.0',
});

/** Whether the answer carries UnionPay's signature. No value of it holds an ampersand. */
function isSigned(answer: string, publicKey: ReturnType<typeof createPublicKey>): boolean {
  const at = answer.lastIndexOf('&signature=');
  const text = answer.slice(0, at).split('&').sort().join('&');
  const signature = Buffer.from(answer.slice(at + '&signature='.length), 'base64');
  return verify('sha256', digestOf(text), publicKey, signature);
}

/** What no client can do without: the request, its signature, and the check of the answer's. */
async function floor(): Promise<Pay> {
  const pool = new Pool(given('BENCH_ORIGIN'), { connections: inFlight });
  const key = createPrivateKey(given('BENCH_MERCHANT_KEY'));
  const publicKey = createPublicKey(given('BENCH_PLATFORM_PUBLIC'));
  const signatureOf = (text: string) =>
    new Promise<string>((resolve, reject) => {
      sign('sha256', digestOf(text), key, (error, made) =>
        error ? reject(error) : resolve(made.toString('base64')),
      );
    });
  const headers = { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' };
  return async (id) => {
    const pairs = Object.entries(fieldsOf(numberOf(id)));
    const text = pairs.map(([name, value]) => `${name}=${value}`).join('&');
    const form = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
    const body = `${form}&signature=${encodeURIComponent(await signatureOf(text))}`;
    const reply = await pool.request({ method: 'POST', path: payPath, headers, body });
    const answer = await reply.body.text();
    if (!isSigned(answer, publicKey)) throw new Error(`${id}: not signed`);
    if (!answer.includes('&respCode=00&')) throw new Error(`${id} was not accepted`);
  };
}

export const contestants: Readonly<Record<string, () => Promise<Pay>>> = { polyrail, floor };
