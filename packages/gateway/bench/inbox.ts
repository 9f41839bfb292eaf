/** bench · inbox: notifications verified, stored, applied and acknowledged. See README.md. */
import { sign } from 'node:crypto';
import { circumstances, inFlight, median, printTable } from '@polyrail/contest';
import type { Incoming } from '@polyrail/core';
import { createGateway, sqliteStore } from '../src/index.ts';
import { isQuick } from './race.ts';
import { alipay, amount, appId, environmentOf, inLanes, sellerId, withFile } from './work.ts';

Object.assign(process.env, environmentOf(), { BENCH_ORIGIN: 'http://127.0.0.1:9' });
const rounds = isQuick ? 1 : 5;
const ids = Array.from({ length: isQuick ? 300 : 3000 }, (_, at) => `order_${at}`);
const { platformKey } = await import('./work.ts');
const key = platformKey();

/** Alipay's clock, in GMT+8. */
const now = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

/** A genuine notification of a payment (dossier §15: a sorted text, signed). */
function notificationOf(id: string): Incoming {
  const fields: Record<string, string> = {
    app_id: appId,
    buyer_id: '2088102122458832',
    charset: 'utf-8',
    gmt_create: now,
    gmt_payment: now,
    notify_id: `n${id}`,
    notify_time: now,
    notify_type: 'trade_status_sync',
    out_trade_no: id,
    seller_id: sellerId,
    total_amount: '9.00',
    trade_no: `20261122220014${id}`,
    trade_status: 'TRADE_SUCCESS',
    version: '1.0',
  };
  const text = Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const signature = sign('sha256', Buffer.from(text), key).toString('base64');
  const body = new URLSearchParams({ ...fields, sign_type: 'RSA2', sign: signature });
  return {
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: Buffer.from(body.toString()),
  };
}

const messages = new Map(ids.map((id) => [id, notificationOf(id)]));

/** A channel that accepts every order without a call: only the inbox is measured. */
function accepting(): ReturnType<typeof alipay> {
  const channel = alipay();
  return {
    ...channel,
    async pay(request, options) {
      const { merchantPaymentId: merchantId, startedAt = new Date().toISOString() } = request;
      const ref = { noun: 'payment', merchantId, amount, startedAt } as const;
      await options?.onPrepared?.(ref);
      const observedAt = startedAt;
      const evidence = 'signed';
      return { noun: 'payment', status: 'pending', waitingFor: 'payer', ref, observedAt, evidence };
    },
  };
}

async function round(): Promise<{ gateway: number; verified: number }> {
  return withFile(async (file) => {
    const channel = accepting();
    const store = sqliteStore({ file });
    const gateway = await createGateway({ channels: { alipay: channel }, store, concurrency: 0 });
    await inLanes(ids, inFlight, async (id) => {
      const order = { scene: 'qr', merchantPaymentId: id, amount, description: 'Tea' } as const;
      await gateway.pay(order);
    });
    const timed = async (work: (message: Incoming) => Promise<void>): Promise<number> => {
      const begun = performance.now();
      await inLanes(ids, inFlight, (id) => work(messages.get(id) as Incoming));
      return (ids.length / (performance.now() - begun)) * 1000;
    };
    const perSecond = await timed(async (message) => {
      const { status } = await gateway.receive({ channel: 'alipay' }, message);
      if (status !== 200) throw new Error(`answered ${status}`);
    });
    const verified = await timed(async (message) => void (await channel.receive(message)));
    const last = await gateway.find('payment', ids.at(-1) ?? '');
    if (last?.state !== 'succeeded') throw new Error(`the last one is ${last?.state}`);
    await gateway.close();
    return { gateway: perSecond, verified };
  });
}

const results: { gateway: number; verified: number }[] = [];
for (let at = 0; at < rounds; at += 1) results.push(await round());
const of = (name: 'gateway' | 'verified') => median(results.map((one) => one[name])).toFixed(0);
const rows = [
  ['inbox, durable', of('gateway')],
  ['receive alone', of('verified')],
];
process.stdout.write(`${circumstances(rounds)}\n\n${printTable(['', 'notifications/s'], rows)}\n`);
