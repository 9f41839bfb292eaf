/**
 * gateway storm · payouts: to whom money is paid out over each channel, what goes wrong on the way, and
 * what its payee and its merchant do.
 */
import { secret } from '@polyrail/core';
import type { FaultRule, SeededRandom } from '@polyrail/simulator';
import { type ChannelName, type Deed, someOf } from './deeds.ts';
import { exchangeFaults, fewFaults, howOften, noticeFault } from './weather.ts';

const second = 1000;
const minute = 60 * second;

/** What a merchant asks for, but for the id and the amount. */
export const payoutRequests: Readonly<
  Record<ChannelName, () => Readonly<Record<string, unknown>>>
> = {
  alipay: () => ({ purpose: 'Wages', payee: { kind: 'wallet', id: '2088622912345678' } }),
  wechatpay: () => ({
    purpose: 'Wages',
    payee: { kind: 'wallet', id: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
    extra: {
      sceneId: '1000',
      report: [
        { type: '活动名称', content: '新会员有礼' },
        { type: '奖励说明', content: '注册会员抽奖一等奖' },
      ],
    },
  }),
  'wechatpay-v2': () => ({
    purpose: 'Wages',
    payee: { kind: 'wallet', id: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  }),
  unionpay: () => ({
    purpose: 'Wages',
    payee: {
      kind: 'bank',
      account: secret('6216261000000000018'),
      name: secret('全渠道'),
    },
  }),
};

interface Names {
  readonly create: string;
  readonly query: string;
  /** Absent where nothing is told: the query alone tells. */
  readonly notify?: string;
}

/** What the simulators call their operations. */
const names: Readonly<Record<ChannelName, Names>> = {
  alipay: {
    create: 'alipay.fund.trans.uni.transfer',
    query: 'alipay.fund.trans.common.query',
    notify: 'alipay.fund.trans.order.changed',
  },
  wechatpay: {
    create: 'transfers.create',
    query: 'transfers.query',
    notify: 'MCHTRANSFER.BILL.FINISHED',
  },
  'wechatpay-v2': { create: 'transfers', query: 'gettransferinfo' },
  unionpay: { create: 'payouts.create', query: 'transactions.query', notify: 'payouts.notify' },
};

const ownFaults: Readonly<Record<ChannelName, readonly FaultRule[]>> = {
  alipay: [
    { fault: 'system-error-then-paid' },
    { fault: 'payout-dealing', afterMs: 30 * minute },
    { fault: 'payout-fails-late', afterMs: 20 * minute },
    { fault: 'payout-returned', afterMs: 40 * minute },
  ],
  wechatpay: [
    { fault: 'system-error' },
    { fault: 'payout-processing', afterMs: 10 * minute },
    { fault: 'payout-fails-late', afterMs: 10 * minute },
  ],
  'wechatpay-v2': [
    { fault: 'system-error' },
    { fault: 'payout-processing', afterMs: 10 * minute },
    { fault: 'payout-fails-late', afterMs: 10 * minute },
  ],
  unionpay: [
    { fault: 'communication-timeout' },
    { fault: 'state-unclear' },
    { fault: 'fails-late' },
    { fault: 'slow', delayMs: 20 * minute },
  ],
};

/** What goes wrong with one payout. */
export function payoutFaults(channel: ChannelName, random: SeededRandom): readonly FaultRule[] {
  const { create, query, notify } = names[channel];
  return fewFaults(random, () => {
    const draw = random.integer(10);
    if (draw < 3 && notify !== undefined) return noticeFault(notify, random);
    if (draw < 6) return { ...random.pick(ownFaults[channel]), operation: create };
    const times = howOften(random);
    const operation = random.chance(0.6) ? create : query;
    const rule = random.pick(exchangeFaults);
    return { ...rule, ...times, operation };
  });
}

/** WeChat's payees confirm; elsewhere money comes by itself. */
function payeeDeeds(channel: ChannelName, random: SeededRandom): readonly Deed[] {
  if (channel !== 'wechatpay') return [];
  const atMs = (1 + random.integer(90)) * second;
  const draw = random.integer(100);
  if (draw < 10) return [];
  return [{ kind: draw < 16 ? 'decline' : 'approve', atMs }];
}

/** What payee and merchant do after it was asked for. */
export function payoutDeeds(channel: ChannelName, random: SeededRandom): readonly Deed[] {
  const later = () => (1 + random.integer(900)) * second;
  const drawn = someOf(
    [
      [0.12, () => ({ kind: 'pay', atMs: random.integer(2) * later() })],
      [0.06, () => ({ kind: 'resolve', atMs: later() })],
      [0.05, () => ({ kind: 'forge', atMs: later() })],
      [channel === 'wechatpay' ? 0.08 : 0, () => ({ kind: 'recall', atMs: later() })],
    ],
    random,
  );
  return [...payeeDeeds(channel, random.fork('payee')), ...drawn];
}
