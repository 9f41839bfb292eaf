/** attack · polyrail: this package, through its verbs alone. */
import { against, type Contestant, type Found } from '@polyrail/contest';
import { type Clock, secret } from '@polyrail/core';
import { createWechatPayV2, type WechatPayV2Channel } from '../src/index.ts';
import { account, billDate, orderId, type Presented } from './corpus.ts';

const payment = {
  noun: 'payment',
  merchantId: orderId,
  amount: { amount: 100, currency: 'CNY' },
  startedAt: '2026-11-22T02:49:24.000Z',
} as const;

async function receive(channel: WechatPayV2Channel, message: string): Promise<Found> {
  const { facts } = await channel.receive({ headers: {}, body: Buffer.from(message) });
  const [fact] = facts;
  if (fact.status !== 'succeeded') return {};
  const { merchantId } = fact.ref;
  if (fact.noun === 'payment') return { order: merchantId, amount: fact.amount.amount };
  return fact.noun === 'refund' ? { refund: merchantId, amount: fact.amount.amount } : {};
}

async function query(channel: WechatPayV2Channel): Promise<Found> {
  const told = await channel.query(payment);
  if (told.status !== 'succeeded') return {};
  return { order: told.ref.merchantId, amount: told.amount.amount };
}

async function statement(channel: WechatPayV2Channel): Promise<Found> {
  let lines = 0;
  for await (const _line of await channel.statement({ kind: 'trade', date: billDate })) lines += 1;
  return { lines };
}

/** Every call is made at the moment of the corpus. */
export function polyrail(nowMs: number): Contestant<Presented> {
  const clock: Clock = { now: () => nowMs, schedule: () => () => {} };
  return {
    name: '@polyrail/wechatpay-v2',
    present: ({ does, message, site }) =>
      against(site, async ({ origin }) => {
        const { mchId, appId, apiKey } = account;
        const config = { mchId, appId, apiKey: secret(apiKey), baseUrl: origin };
        const channel = createWechatPayV2(config, { clock });
        if (does === 'query') return query(channel);
        return does === 'statement' ? statement(channel) : receive(channel, message);
      }),
  };
}
