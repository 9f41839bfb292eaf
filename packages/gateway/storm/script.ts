/**
 * gateway storm · script: what happens to one payment - its faults, what its payer and its merchant do,
 * where a process dies. Drawn from a stream of its own: nothing of another payment shifts it.
 */
import { createSeededRandom, type FaultRule, type SeededRandom } from '@polyrail/simulator';
import { consentDeeds, consentFaults, consentingChannels, consentRequest } from './consents.ts';
import { type ChannelName, channelNames, type Deed, someOf, sometimesTwice } from './deeds.ts';
import { holdDeeds, holdFaults, holdingChannels, holdRequest } from './holds.ts';
import { type Crash, deployDeeds, drawCrashes, drawTroubles, type Trouble } from './mishaps.ts';
import { payoutDeeds, payoutFaults, payoutRequests } from './payouts.ts';
import { drawRefused, repeatingDeeds } from './refusals.ts';
import { type Assessment, confirmingDeeds, drawAssessment } from './risk.ts';
import { hasMandates, isAssessed } from './terms.ts';
import { exchangeFaults, howOften, noticeFault } from './weather.ts';

export interface Script {
  readonly number: number;
  readonly id: string;
  readonly noun: 'payment' | 'payout' | 'authorization' | 'agreement';
  readonly channel: ChannelName;
  readonly request: Readonly<Record<string, unknown>>;
  /** Minor units; of an agreement nothing. */
  readonly amount: number;
  /** When it begins, in ms after the world. */
  readonly beginMs: number;
  readonly faults: readonly FaultRule[];
  readonly deeds: readonly Deed[];
  readonly crashes: readonly Crash[];
  readonly troubles: readonly Trouble[];
  /** Ids of what its channel signs, at first, that it refuses, and has taken. */
  readonly refused: readonly string[];
  /** What its merchant's risk hook says of it. */
  readonly assessment: Assessment;
  /** How often each of its events is not taken by the merchant's handler before it is. */
  readonly refusals: number;
  /** Whether late money is accepted by the merchant, instead of waiting for the default. */
  readonly acceptsLate: boolean;
  /** Whether the merchant asks again under the same id after a crash. */
  readonly asksAgain: boolean;
}

export const idOf = (number: number): string => `st${String(number).padStart(8, '0')}`;
/** The payment an id of this storm belongs to. */
export function numberOf(id: string): number | undefined {
  const found = /^st(\d{8})/.exec(id);
  return found === null ? undefined : Number(found[1]);
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Payments of one world begin within this time. */
export const gatheringMs = 40 * minute;
/** Faults are over this long after their payment began: then everything must come to its end. */
export const weatherMs = 3 * hour;

interface Names {
  readonly pay: readonly string[];
  readonly query: string;
  readonly end: readonly string[];
  readonly refund: string;
  readonly refundQuery: string;
  readonly notify: string;
  /** The story in which a query does not see an order there is. */
  readonly lag: string;
}

/** What the simulators call their operations. */
const names: Readonly<Record<ChannelName, Names>> = {
  alipay: {
    pay: ['alipay.trade.precreate', 'alipay.trade.pay'],
    query: 'alipay.trade.query',
    end: ['alipay.trade.c*'],
    refund: 'alipay.trade.refund',
    refundQuery: 'alipay.trade.fastpay.refund.query',
    notify: 'trade_status_sync',
    lag: 'trade-not-exist-lag',
  },
  wechatpay: {
    pay: ['transactions.native', 'transactions.jsapi', 'transactions.h5', 'transactions.codepay'],
    query: 'transactions.query',
    end: ['transactions.close', 'transactions.reverse'],
    refund: 'refunds.create',
    refundQuery: 'refunds.query',
    notify: 'TRANSACTION.*',
    lag: 'order-not-exist-lag',
  },
  'wechatpay-v2': {
    pay: ['unifiedorder', 'micropay'],
    query: 'orderquery',
    end: ['closeorder', 'reverse'],
    refund: 'refund',
    refundQuery: 'refundquery',
    notify: 'pay',
    lag: 'order-not-exist-lag',
  },
  unionpay: {
    pay: ['payments.create', 'payments.create'],
    query: 'transactions.query',
    end: ['payments.reverse'],
    refund: 'refunds.create',
    refundQuery: 'transactions.query',
    notify: 'payments.notify',
    lag: 'query-lag',
  },
};

const ownFaults: Readonly<Record<ChannelName, readonly FaultRule[]>> = {
  alipay: [{ fault: 'system-error' }, { fault: 'system-error-then-paid' }],
  wechatpay: [
    { fault: 'system-error' },
    { fault: 'system-error-then-paid' },
    { fault: 'notification-first' },
    { fault: 'stale-timestamp' },
  ],
  'wechatpay-v2': [
    { fault: 'system-error' },
    { fault: 'system-error-then-paid' },
    { fault: 'bank-error' },
    { fault: 'notification-first' },
    { fault: 'reverse-recall' },
  ],
  unionpay: [
    { fault: 'system-busy' },
    { fault: 'communication-timeout' },
    { fault: 'state-unclear' },
  ],
};

/** Faults in company, each a way to lose money. */
function stories(name: ChannelName, random: SeededRandom): readonly FaultRule[] {
  const { pay, query, end, notify, lag } = names[name];
  const lost: FaultRule = { fault: 'lost-notification', operation: notify, times: 30 };
  return random.pick<readonly FaultRule[]>([
    // Paid, and nobody says so until the order has been proven absent.
    [
      { fault: lag, operation: query, times: 200 },
      { fault: 'late-notification', operation: notify, delayMs: 75 * minute },
    ],
    [
      { fault: lag, operation: query, times: 200 },
      ...end.map((operation) => ({ fault: 'server-error', operation, times: 200 })),
      { fault: 'late-notification', operation: notify, delayMs: 75 * minute },
    ],
    // The channel is away for hours.
    [
      lost,
      ...[query, ...end].map((operation) => ({ fault: 'server-error', operation, times: 500 })),
    ],
    [lost, { fault: 'drop-reply', operation: pay[0] as string, times: 3 }],
    [{ fault: 'drop-reply', operation: query, times: 4 }, lost],
  ]);
}

/** Where a refund is known by the order it is of. */
const knowsByOrder: ReadonlySet<ChannelName> = new Set(['alipay', 'wechatpay-v2']);

const exchangePlaces = ['pay', 'query', 'end', 'refund', 'refundQuery'] as const;

function drawFault(name: ChannelName, id: string, random: SeededRandom): FaultRule {
  const those = names[name];
  if (random.chance(0.4)) return noticeFault(those.notify, random);
  const place = random.pick(['pay', 'pay', ...exchangePlaces] as const);
  const operation = place === 'pay' || place === 'end' ? random.pick(those[place]) : those[place];
  const rule = random.chance(0.3) ? random.pick(ownFaults[name]) : random.pick(exchangeFaults);
  const repeated = howOften(random);
  const skipped = random.chance(0.2) ? { skip: 1 } : {};
  const own = place.startsWith('refund') && !knowsByOrder.has(name) ? { id: `${id}r1` } : {};
  return { ...rule, ...repeated, ...skipped, ...own, operation };
}

function drawFaults(name: ChannelName, id: string, random: SeededRandom): readonly FaultRule[] {
  if (random.chance(0.5)) return [];
  if (random.chance(0.06)) return stories(name, random);
  return Array.from({ length: 1 + random.integer(3) }, () => drawFault(name, id, random));
}

const scenes: Readonly<Record<ChannelName, readonly string[]>> = {
  alipay: ['qr', 'qr', 'barcode', 'page'],
  wechatpay: ['qr', 'barcode', 'in-wallet', 'h5'],
  'wechatpay-v2': ['qr', 'barcode', 'in-wallet', 'h5'],
  unionpay: ['qr', 'barcode', 'page'],
};

const sceneMembers: Readonly<Record<string, object>> = {
  'alipay barcode': { authCode: '286512345678901234' },
  'wechatpay in-wallet': { payerId: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  'wechatpay barcode': { authCode: '134512345678901234', extra: { store: { outId: 'S1' } } },
  'wechatpay h5': { payer: { ip: '203.0.113.7' } },
  'wechatpay-v2 in-wallet': { payerId: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  'wechatpay-v2 h5': {
    payer: { ip: '203.0.113.7' },
    extra: { sceneInfo: '{"h5_info":{"type":"Wap","wap_url":"https://shop.example"}}' },
  },
  'wechatpay-v2 barcode': { authCode: '134512345678901234' },
  'unionpay barcode': { authCode: '6229001234567890123', extra: { termId: '12345678' } },
};

/** The payer's thumb: soon, near the end of the order's time, or after it. */
function payerDeeds(random: SeededRandom): readonly Deed[] {
  const soon = (1 + random.integer(random.pick([10, 10, 80]))) * second;
  const late = (12 + random.integer(6)) * minute;
  const atMs = random.chance(0.93) ? soon : late;
  const draw = random.integer(100);
  if (draw < 4) return [{ kind: 'abandon', atMs }];
  if (draw < 6) return [];
  if (draw < 10) return [{ kind: 'decline', atMs }];
  const approve: Deed = { kind: 'approve', atMs };
  if (draw < 15) return [approve, { kind: 'approve', atMs: atMs + random.integer(5000) }];
  if (draw < 17) return [{ kind: 'abandon', atMs: 1000 }, approve];
  return [approve];
}

function refundDeeds(id: string, amount: number, random: SeededRandom): readonly Deed[] {
  if (!random.chance(0.2)) return [];
  const parts = 1 + random.integer(3);
  const each = Math.max(1, Math.floor(amount / parts));
  return Array.from({ length: parts }, (_, index): readonly Deed[] => {
    const last = index === parts - 1 && random.chance(0.5);
    const part = last ? amount - each * (parts - 1) : each;
    const atMs = (3 + random.integer(40)) * minute;
    const refund = { kind: 'refund', id: `${id}r${index + 1}`, amount: part, atMs } as const;
    return sometimesTwice(refund, random);
  }).flat();
}

function merchantDeeds(id: string, amount: number, random: SeededRandom): readonly Deed[] {
  const later = () => (1 + random.integer(1500)) * second;
  const drawn = someOf(
    [
      [0.08, () => ({ kind: 'pay', atMs: random.integer(2) * later() })],
      [0.05, () => ({ kind: 'close', atMs: later() })],
      [0.05, () => ({ kind: 'resolve', atMs: later() })],
      [0.02, () => ({ kind: 'reverse', atMs: later() })],
      [0.03, () => ({ kind: 'cancel', atMs: 2 * later(), id: `${id}c1` })],
      [0.06, () => ({ kind: 'forge', atMs: later() })],
    ],
    random,
  );
  return [...drawn, ...refundDeeds(id, amount, random)];
}

/** When it begins, where processes die, and what its merchant is like. */
const habits = (random: SeededRandom, draw: number) => ({
  beginMs: random.integer(gatheringMs),
  crashes: drawCrashes(random.fork('crashes')),
  refusals: draw < 80 ? 0 : draw < 97 ? 1 + (draw % 3) : 20,
  acceptsLate: random.chance(0.3),
  asksAgain: random.chance(0.6),
});

/** So many pay out instead of being paid. */
const payoutShare = 0.08;

const payoutOf = (channel: ChannelName, random: SeededRandom) => ({
  noun: 'payout' as const,
  channel,
  amount: 1 + random.fork('amount').integer(2000),
  request: payoutRequests[channel](),
  faults: payoutFaults(channel, random.fork('faults')),
  deeds: [{ kind: 'pay' as const, atMs: 0 }, ...payoutDeeds(channel, random.fork('deeds'))],
});

/** So many of the others have money held first. */
const holdShare = 0.07;

function holdOf(id: string, random: SeededRandom) {
  const channel = random.pick(holdingChannels);
  const amount = 3 + random.fork('amount').integer(2000);
  const payer = payerDeeds(random.fork('payer'));
  const deeds = holdDeeds({ channel, id, amount }, payer, random.fork('deeds'));
  return {
    noun: 'authorization' as const,
    channel,
    amount,
    request: holdRequest(channel, random),
    faults: holdFaults({ channel, id }, random.fork('faults')),
    deeds: [{ kind: 'pay' as const, atMs: 0 }, ...deeds],
  };
}

/** So many of the rest sign an agreement, and are charged by it. */
const consentShare = 0.05;

function consentOf({ id, number }: Pick<Script, 'id' | 'number'>, random: SeededRandom) {
  const channel = random.pick(consentingChannels);
  const request = consentRequest(channel, { mandates: hasMandates(number) }, random);
  const payer = payerDeeds(random.fork('payer'));
  const consent = { channel, id, request };
  const deeds = consentDeeds(consent, payer, random.fork('deeds'));
  return {
    noun: 'agreement' as const,
    channel,
    amount: 0,
    request,
    faults: consentFaults(consent, random.fork('faults')),
    deeds: [{ kind: 'pay' as const, atMs: 0 }, ...deeds],
  };
}

/** Whose payers may be asked for a password after their code was shown. */
const asksFirst: ReadonlySet<ChannelName> = new Set(['alipay', 'wechatpay', 'wechatpay-v2']);
/** Whose keys change while nobody looks. */
const rotating: ReadonlySet<ChannelName> = new Set(['wechatpay', 'unionpay']);

function bareScriptOf(
  seed: number,
  number: number,
): Omit<Script, 'assessment' | 'troubles' | 'refused'> {
  const random = createSeededRandom(`${seed}/${number}`);
  const id = idOf(number);
  const channel = random.pick(channelNames);
  const scene = random.pick(scenes[channel]);
  const amount = 1 + random.integer(random.pick([5, 2000, 1_000_000]));
  const confirms = asksFirst.has(channel) && scene === 'barcode' && random.chance(0.4);
  const queries = random.chance(0.5) ? { queries: 1 + random.integer(4) } : {};
  const asking: readonly FaultRule[] = confirms ? [{ fault: 'user-paying', ...queries }] : [];
  const draw = random.integer(100);
  // The channel's keys change while a request of this payment is on its way.
  const rotates = rotating.has(channel) && random.chance(0.02);
  const rotation: readonly Deed[] = rotates ? [{ kind: 'rotate', atMs: 2 * second }] : [];
  const delay = { fault: 'delay', delayMs: 4 * second };
  const slow = rotates ? names[channel].pay.map((operation) => ({ ...delay, operation })) : [];
  const common = { number, id, channel, ...habits(random, draw) };
  const nouns = random.fork('noun');
  if (nouns.chance(payoutShare)) return { ...common, ...payoutOf(channel, random) };
  if (nouns.chance(holdShare)) return { ...common, ...holdOf(id, random.fork('hold')) };
  if (nouns.chance(consentShare))
    return { ...common, ...consentOf(common, random.fork('consent')) };
  return {
    ...common,
    noun: 'payment',
    amount,
    request: { scene, description: 'Tea', ...sceneMembers[`${channel} ${scene}`] },
    faults: [...asking, ...slow, ...drawFaults(channel, id, random.fork('faults'))],
    deeds: [
      { kind: 'pay' as const, atMs: 0 },
      ...rotation,
      ...payerDeeds(random.fork('payer')),
      ...merchantDeeds(id, amount, random.fork('merchant')),
    ],
  };
}

/** The script of one payment, payout, hold or agreement of a seed: always the same. */
export function scriptOf(seed: number, number: number): Script {
  const bare = bareScriptOf(seed, number);
  const refused = drawRefused(seed, bare);
  const repeating = refused.includes(bare.id) ? repeatingDeeds(seed, number) : [];
  const deeds = [...bare.deeds, ...deployDeeds(seed, number), ...repeating];
  const script = { ...bare, deeds, troubles: drawTroubles(seed, number), refused };
  if (!isAssessed(number)) return { ...script, assessment: 'pass' };
  const random = createSeededRandom(`${seed}/${number}/risk`);
  const assessment = drawAssessment(random);
  return {
    ...script,
    assessment,
    deeds: [...script.deeds, ...confirmingDeeds(assessment, random)],
  };
}
