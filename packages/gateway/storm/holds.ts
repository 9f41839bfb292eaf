/**
 * gateway storm · holds: money that is held over each channel that can, what goes wrong on the way, and what
 * its payer and its merchant do: capture of it, give captured money back, let it go.
 */
import type { FaultRule, SeededRandom } from '@polyrail/simulator';
import { type ChannelName, type Deed, someOf, sometimesTwice } from './deeds.ts';
import { exchangeFaults, fewFaults, howOften, noticeFault } from './weather.ts';

const second = 1000;
const minute = 60 * second;

export type HoldingChannel = Extract<ChannelName, 'alipay' | 'unionpay' | 'wechatpay'>;
export const holdingChannels: readonly HoldingChannel[] = ['alipay', 'unionpay', 'wechatpay'];

const scenes = {
  alipay: ['qr', 'barcode'],
  unionpay: ['page'],
  wechatpay: ['in-wallet', 'in-wallet', 'app'],
} as const satisfies Readonly<Record<HoldingChannel, readonly string[]>>;

/** What a merchant asks for, but for the id and the amount. */
export function holdRequest(
  channel: HoldingChannel,
  random: SeededRandom,
): Readonly<Record<string, unknown>> {
  const scene: string = random.pick(scenes[channel]);
  const code = scene === 'barcode' ? { authCode: '286512345678901234' } : {};
  const payer = scene === 'in-wallet' ? walletOf(random) : {};
  return { scene, description: 'A room', ...code, ...payer };
}

/** Some have agreed to such orders before. */
const walletOf = (random: SeededRandom): object => ({
  payerId: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  ...(random.chance(0.2) ? { extra: { needUserConfirm: false } } : {}),
});

interface Names {
  readonly create: string;
  readonly query: string;
  readonly capture: string;
  readonly captureQuery: string;
  readonly release: string;
  readonly notify: string;
}

/** What the simulators call their operations. */
const names: Readonly<Record<HoldingChannel, Names>> = {
  alipay: {
    create: 'alipay.fund.auth.order.*',
    query: 'alipay.fund.auth.operation.detail.query',
    capture: 'alipay.trade.pay',
    captureQuery: 'alipay.trade.query',
    release: 'alipay.fund.auth.o*',
    notify: 'fund_auth_*',
  },
  unionpay: {
    create: 'authorizations.create',
    query: 'transactions.query',
    capture: 'captures.create',
    captureQuery: 'transactions.query',
    release: 'authorizations.cancel',
    notify: '*.notify',
  },
  wechatpay: {
    create: 'payscore.create',
    query: 'payscore.query',
    capture: 'payscore.complete',
    captureQuery: 'payscore.query',
    release: 'payscore.cancel',
    notify: 'PAYSCORE.*',
  },
};

interface Hold {
  readonly channel: HoldingChannel;
  readonly id: string;
  /** Minor units. */
  readonly amount: number;
}

const exchangePlaces = ['create', 'query', 'capture', 'captureQuery', 'release'] as const;
type Place = (typeof exchangePlaces)[number];

/** Under which id a channel is asked for something, where it is not that of the hold. */
function ownId({ channel, id }: Pick<Hold, 'channel' | 'id'>, place: Place): object {
  // Whatever is asked for there goes by the number of the order.
  if (channel === 'wechatpay') return {};
  if (place === 'capture' || place === 'captureQuery') return { id: `${id}k1` };
  return place === 'release' && channel === 'unionpay' ? { id: `${id}u1` } : {};
}

/** What goes wrong with one hold. */
export function holdFaults(
  { channel, id }: Pick<Hold, 'channel' | 'id'>,
  random: SeededRandom,
): readonly FaultRule[] {
  const those = names[channel];
  return fewFaults(random, () => {
    if (random.chance(0.35)) return noticeFault(those.notify, random);
    const times = howOften(random);
    const place = random.pick(['capture', 'capture', ...exchangePlaces] as const);
    const rule = random.pick(exchangeFaults);
    return { ...rule, ...times, ...ownId({ channel, id }, place), operation: those[place] };
  });
}

/** Alipay takes many captures of a hold, others one, of which it may be a little more at UnionPay. */
function captureDeeds({ channel, id, amount }: Hold, random: SeededRandom): readonly Deed[] {
  if (random.chance(0.15)) return [];
  const count = channel === 'alipay' ? 1 + random.integer(3) : 1;
  const each = Math.max(1, Math.floor(amount / (count + random.integer(2))));
  return Array.from({ length: count }, (_, index): readonly Deed[] => {
    const atMs = (2 + random.integer(50)) * minute;
    const captureId = `${id}k${index + 1}`;
    const last = index === count - 1;
    const final = channel !== 'alipay' || (last && random.chance(0.5));
    const capture = { kind: 'capture', id: captureId, amount: each, final, atMs } as const;
    const captures = sometimesTwice(capture, random);
    const back = { of: captureId, atMs: atMs + (1 + random.integer(30)) * minute };
    const isCancelled = channel === 'unionpay' && random.chance(0.5);
    const returned: Deed = isCancelled
      ? { ...back, kind: 'cancel', id: `${id}x1` }
      : { ...back, kind: 'refund', id: `${id}r${index + 1}`, amount: each };
    return random.chance(0.25) ? [...captures, returned] : captures;
  }).flat();
}

/** What payer and merchant do after a hold was asked for. */
export function holdDeeds(
  hold: Hold,
  payer: readonly Deed[],
  random: SeededRandom,
): readonly Deed[] {
  const { channel, id, amount } = hold;
  const later = () => (1 + random.integer(1500)) * second;
  const part = channel === 'alipay' && random.chance(0.3) ? { amount: Math.ceil(amount / 3) } : {};
  const drawn = someOf(
    [
      [0.1, () => ({ kind: 'pay', atMs: random.integer(2) * later() })],
      [0.06, () => ({ kind: 'resolve', atMs: later() })],
      [0.04, () => ({ kind: 'reverse', atMs: later() })],
      [0.05, () => ({ kind: 'forge', atMs: later() })],
      [0.25, () => ({ kind: 'release', atMs: 2 * later(), id: `${id}u1`, ...part })],
    ],
    random,
  );
  return [...payer, ...drawn, ...captureDeeds(hold, random.fork('captures'))];
}
