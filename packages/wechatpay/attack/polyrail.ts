/** attack · polyrail: this package, through its verbs alone. */
import { against, type Contestant, type Found } from '@polyrail/contest';
import { type Clock, secret } from '@polyrail/core';
import { createWechatPay, type WechatPayChannel } from '../src/index.ts';
import { account, billDate, downloadsIn, orderId, type Presented } from './corpus.ts';

function channelOf({ certificates, provider }: Presented, baseUrl: string, clock: Clock) {
  const { mchId, appId, apiV3Key, merchant, platform, subMchId } = account;
  const config = {
    mchId,
    appId,
    merchantKey: secret(merchant.privateKey),
    merchantSerial: merchant.serial,
    apiV3Key: secret(apiV3Key),
    certificates: certificates === 'known' ? [platform.certificate] : true,
    baseUrl,
    ...(provider === true ? { subMerchant: { mchId: subMchId } } : {}),
  };
  return createWechatPay(config, { clock });
}

const payment = {
  noun: 'payment',
  merchantId: orderId,
  amount: { amount: 100, currency: 'CNY' },
  startedAt: '2026-11-22T02:49:24.000Z',
} as const;

async function receive(channel: WechatPayChannel, { messages = [] }: Presented): Promise<Found> {
  let found: Found = {};
  for (const message of messages) {
    const opened = await channel.receive(message).catch(() => undefined);
    const [fact] = opened?.facts ?? [];
    if (fact?.noun !== 'payment' || fact.status !== 'succeeded') continue;
    found = { order: fact.ref.merchantId, amount: fact.amount.amount };
  }
  return found;
}

async function query(channel: WechatPayChannel): Promise<Found> {
  const told = await channel.query(payment);
  if (told.status !== 'succeeded') return {};
  return { order: told.ref.merchantId, amount: told.amount.amount };
}

async function close(channel: WechatPayChannel): Promise<Found> {
  const { status } = await channel.close(payment);
  return status === 'succeeded' ? { order: orderId } : {};
}

async function statement(channel: WechatPayChannel): Promise<Found> {
  let lines = 0;
  for await (const _line of await channel.statement({ kind: 'trade', date: billDate })) lines += 1;
  return { lines };
}

const doings = { receive, query, close, statement } as const;

/** Every call is made at the moment of the corpus. */
export function polyrail(nowMs: number): Contestant<Presented> {
  const clock: Clock = { now: () => nowMs, schedule: () => () => {} };
  return {
    name: '@polyrail/wechatpay',
    present: (presented) =>
      against(presented.site, async ({ origin, asked }) => {
        const channel = channelOf(presented, origin, clock);
        const found = await doings[presented.does](channel, presented);
        return { ...found, asked: downloadsIn(asked) };
      }),
  };
}
