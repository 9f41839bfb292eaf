/**
 * bench · open: a notification verified - its fields as they were read, and its form as it came - and
 * verified, read, redacted and frozen, as `receive` does; beside the rival's check, and beside nothing
 * but the check of its signature over a text that is ready.
 */
import { createPublicKey, createSign, verify } from 'node:crypto';
import { parse } from 'node:querystring';
import { cpuRounds, makePair, printTable } from '@polyrail/contest';
import { secret } from '@polyrail/core';
import { AlipaySdk } from 'alipay-sdk';
import { settingsOf } from '../src/config.ts';
import { createAlipay } from '../src/index.ts';
import { readForm } from '../src/notification.ts';
import { createSeal } from '../src/seal.ts';
import { appId } from './work.ts';

const quick = process.argv.includes('--quick');
const rounds = quick ? 1 : 9;
const perRound = quick ? 500 : 4000;

const platform = makePair();
const merchant = makePair();
const nowMs = Date.parse('2026-11-22T02:49:24.000Z');
const sellerId = '2088000000000001';
const key = createPublicKey(platform.publicKey);

/** As many fields as Alipay's notification of a paid trade has. */
const fields = (order: number): Readonly<Record<string, string>> => ({
  app_id: appId,
  auth_app_id: appId,
  buyer_id: '2088000000000009',
  buyer_logon_id: 'ifv***@sandbox.com',
  buyer_pay_amount: '9.00',
  charset: 'utf-8',
  fund_bill_list: '[{"amount":"9.00","fundChannel":"ALIPAYACCOUNT"}]',
  gmt_create: '2026-11-22 10:49:00',
  gmt_payment: '2026-11-22 10:49:20',
  invoice_amount: '9.00',
  notify_id: `2026112200222104920${String(order).padStart(15, '0')}`,
  notify_time: '2026-11-22 10:49:21',
  notify_type: 'trade_status_sync',
  out_trade_no: `order_${order}`,
  point_amount: '0.00',
  receipt_amount: '9.00',
  seller_email: 'shop@sandbox.com',
  seller_id: sellerId,
  subject: 'A cup of tea',
  total_amount: '9.00',
  trade_no: `2026112222001400000000${String(order).padStart(6, '0')}`,
  trade_status: 'TRADE_SUCCESS',
  version: '1.0',
});

interface Push {
  readonly body: Uint8Array;
  readonly read: ReturnType<typeof readForm>;
  readonly text: string;
  readonly signature: Buffer;
}

function push(order: number): Push {
  const told = fields(order);
  const names = Object.keys(told).sort();
  const text = names.map((name) => `${name}=${told[name]}`).join('&');
  const sign = createSign('sha256').update(text).sign(platform.privateKey, 'base64');
  const form = new URLSearchParams({ ...told, sign, sign_type: 'RSA2' });
  const body = Buffer.from(form.toString());
  return { body, read: readForm(body), text, signature: Buffer.from(sign, 'base64') };
}

const pushes = Array.from({ length: 200 }, (_, order) => push(order));
const clock = { now: () => nowMs, schedule: () => () => {} };
const config = {
  appId,
  sellerId,
  merchantKey: secret(merchant.privateKey),
  platformKey: platform.publicKey,
};
const alipay = createAlipay(config, { clock });
const road = () => Promise.reject(new Error('Nothing is fetched to open a notification'));
const seal = createSeal(settingsOf(config), { clock, road });
const { signal } = new AbortController();
const sdk = new AlipaySdk({
  appId,
  privateKey: merchant.privateKey,
  keyType: 'PKCS8',
  alipayPublicKey: platform.publicKey,
});

const isGenuine = ({ fields: told, charset }: Push['read']): Promise<boolean> =>
  seal.verifies(told, { charset, omit: ['sign_type'], signal });

const contestants: Readonly<Record<string, (push: Push) => Promise<boolean> | boolean>> = {
  'polyrail: verified': ({ read }) => isGenuine(read),
  'polyrail: form read and verified': ({ body }) => isGenuine(readForm(body)),
  'polyrail: receive': async ({ body }) =>
    (await alipay.receive({ headers: {}, body })).facts[0].status === 'succeeded',
  'alipay-sdk: form read and verified': ({ body }) =>
    sdk.checkNotifySignV2({ ...parse(Buffer.from(body).toString()) }),
  'crypto.verify': ({ text, signature }) => verify('sha256', Buffer.from(text), key, signature),
};

const of = await cpuRounds({ contestants, cases: pushes, rounds, perRound });
const share = (name: string): string => (of(name) / of('crypto.verify')).toFixed(2);
const rows = Object.keys(contestants).map((name) => [name, of(name).toFixed(1), share(name)]);
process.stdout.write(
  `A notification of ${Object.keys(fields(0)).length} fields, RSA-2048; CPU, medians of ${rounds} rounds of ${perRound}\n\n` +
    `${printTable(['', 'µs each', '× crypto.verify'], rows)}\n\n` +
    `verified beside crypto.verify: ${share('polyrail: verified')} × (goal 1.25); ` +
    `its form read as well: ${share('polyrail: form read and verified')} ×\n`,
);
