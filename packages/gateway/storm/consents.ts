/**
 * gateway storm · consents: agreements to be charged, at each channel that has them - what goes wrong on the
 * way, and what payer and merchant do: sign, charge, give back, end.
 */
import { money, secret } from '@polyrail/core';
import type { FaultRule, SeededRandom } from '@polyrail/simulator';
import { type ChannelName, type Deed, someOf, sometimesTwice } from './deeds.ts';
import { exchangeFaults, fewFaults, howOften, noticeFault } from './weather.ts';

const second = 1000;
const minute = 60 * second;

export type ConsentingChannel = Extract<ChannelName, 'alipay' | 'unionpay' | 'wechatpay'>;
export const consentingChannels: readonly ConsentingChannel[] = ['alipay', 'unionpay', 'wechatpay'];

/** What is signed: at UnionPay for a card's token, or as a mandate to collect from it (代收). */
type Kind = ConsentingChannel | 'unionpay-mandate';

const kindOf = ({ channel, request }: Pick<Consent, 'channel' | 'request'>): Kind =>
  channel === 'unionpay' && request['scene'] === 'card' ? 'unionpay-mandate' : channel;

type Request = Readonly<Record<string, unknown>>;

/** Cards of UnionPay's test environment, of whose banks one sends no code, one binds once, one is slow. */
const cards: readonly (readonly [number: string, factors?: object])[] = [
  ['6216261000000000018'],
  [
    '6221558812340000',
    { holder: secret('互联网'), securityCode: secret('123'), expiry: secret('2311') },
  ],
  [
    '6226090000000048',
    { holder: secret('张三'), identity: secret('510265790128303'), phone: secret('18100000000') },
  ],
  ['6217000000000001101'],
  ['6217990000000002200'],
  ['6228480000000003301'],
  ['6214830000000004405'],
];
const usualFactors = {
  holder: secret('全渠道'),
  identity: secret('341126197709218366'),
  phone: secret('13552535506'),
};

function cardRequest(random: SeededRandom): Request {
  const [digits, factors] = random.pick(cards);
  const number = secret(digits);
  if (random.chance(0.5)) return { scene: 'otp', card: { number, ...usualFactors, ...factors } };
  // On UnionPay's page its holder may be left to name the card.
  return { scene: 'page', ...(random.chance(0.7) ? { extra: { cardNumber: number } } : {}) };
}

function mandateRequest(random: SeededRandom): Request {
  const [digits, factors] = random.pick(cards);
  return { scene: 'card', card: { number: secret(digits), ...usualFactors, ...factors } };
}

const requests: Readonly<Record<Kind, (random: SeededRandom) => Request>> = {
  alipay: (random) => ({
    scene: random.pick(['page', 'qr']),
    extra: { signScene: 'INDUSTRY|DIGITAL_MEDIA' },
  }),
  unionpay: cardRequest,
  'unionpay-mandate': mandateRequest,
  wechatpay: (random) => ({
    scene: random.pick(['page', 'app']),
    extra: {
      displayAccount: 'tea@example.com',
      schedule: { date: '2026-12-01', amount: money('9.00', 'CNY'), description: 'Tea' },
    },
  }),
};

/** What a merchant asks for, but for the id. `mandates`: he was granted them, and asks for nothing else. */
export const consentRequest = (
  channel: ConsentingChannel,
  { mandates }: { readonly mandates: boolean },
  random: SeededRandom,
): Request => requests[mandates && channel === 'unionpay' ? 'unionpay-mandate' : channel](random);

interface Names {
  /** Those that begin it, and end its beginning. */
  readonly begin: readonly string[];
  readonly query: string;
  readonly charge: string;
  readonly chargeQuery: string;
  readonly end: string;
  readonly notify: string;
}

/** What the simulators call their operations. */
const names: Readonly<Record<Kind, Names>> = {
  alipay: {
    // Its page is opened by the payer.
    begin: [],
    query: 'alipay.user.agreement.query',
    charge: 'alipay.trade.pay',
    chargeQuery: 'alipay.trade.query',
    end: 'alipay.user.agreement.unsign',
    notify: 'dut_user_*',
  },
  unionpay: {
    begin: ['agreements.sms', 'agreements.open'],
    query: 'agreements.query',
    charge: 'payments.create',
    chargeQuery: 'transactions.query',
    end: 'agreements.end',
    notify: 'agreements.notify',
  },
  'unionpay-mandate': {
    begin: ['mandates.create'],
    query: 'mandates.query',
    charge: 'collections.create',
    chargeQuery: 'transactions.query',
    end: 'mandates.end',
    // Of a mandate nothing is told: of its charges it is.
    notify: 'payments.notify',
  },
  wechatpay: {
    begin: ['contracts.create'],
    query: 'contracts.query',
    charge: 'contracts.apply',
    chargeQuery: 'transactions.query',
    end: 'contracts.terminate',
    notify: 'ENTRUST.*',
  },
};

const ownFaults: Readonly<Record<Kind, readonly FaultRule[]>> = {
  alipay: [{ fault: 'system-error' }, { fault: 'system-error-then-paid' }],
  unionpay: [
    { fault: 'system-busy' },
    { fault: 'communication-timeout' },
    { fault: 'state-unclear' },
    { fault: 'fails-late' },
    { fault: 'sms-lost' },
  ],
  'unionpay-mandate': [
    { fault: 'system-busy' },
    { fault: 'communication-timeout' },
    { fault: 'state-unclear' },
    { fault: 'fails-late' },
    { fault: 'query-lag' },
  ],
  wechatpay: [
    { fault: 'system-error' },
    { fault: 'system-error-then-paid' },
    { fault: 'deduction-fails-late' },
  ],
};

export interface Consent {
  readonly channel: ConsentingChannel;
  readonly id: string;
  readonly request: Request;
}

const places = ['begin', 'query', 'charge', 'charge', 'chargeQuery', 'end'] as const;

/** What goes wrong with one agreement. */
export function consentFaults(consent: Consent, random: SeededRandom): readonly FaultRule[] {
  const { id } = consent;
  const kind = kindOf(consent);
  const those = names[kind];
  return fewFaults(random, () => {
    if (random.chance(0.35)) return noticeFault(those.notify, random);
    const times = howOften(random);
    const place = random.pick(places.filter((one) => those[one].length > 0));
    const name = those[place];
    const operation = typeof name === 'string' ? name : random.pick(name);
    const own = place.startsWith('charge') ? { id: `${id}p1` } : {};
    const drawn = random.chance(0.2) ? ownFaults[kind] : exchangeFaults;
    return { ...random.pick(drawn), ...times, ...own, operation };
  });
}

/** By which messages a channel tells of an end. UnionPay sends none when a token ends. */
const endNotices: Readonly<Partial<Record<ChannelName, string>>> = {
  alipay: names.alipay.notify,
  wechatpay: names.wechatpay.notify,
};

/** Whether the merchant hears of an end that he did not ask for: a message may be lost. */
export function tellsEnd(channel: ChannelName, faults: readonly FaultRule[]): boolean {
  const notices = endNotices[channel];
  return notices !== undefined && !faults.some(({ operation }) => operation === notices);
}

function chargeDeeds(id: string, random: SeededRandom): readonly Deed[] {
  return Array.from({ length: 1 + random.integer(3) }, (_, index): readonly Deed[] => {
    const atMs = (2 + random.integer(50)) * minute;
    const amount = 1 + random.integer(900);
    const charge = { kind: 'charge', id: `${id}p${index + 1}`, amount, atMs } as const;
    const charges = sometimesTwice(charge, random);
    const refundMs = atMs + (1 + random.integer(30)) * minute;
    const refund = { kind: 'refund', of: charge.id, id: `${id}r${index + 1}`, amount } as const;
    return random.chance(0.2) ? [...charges, { ...refund, atMs: refundMs }] : charges;
  }).flat();
}

/** Where a code goes to the payer's phone, it is he who tells it; sometimes he mistypes it first. */
function codeDeeds({ request }: Consent, payer: readonly Deed[], random: SeededRandom) {
  if (request['scene'] !== 'otp') return payer;
  return payer.flatMap((deed): readonly Deed[] => {
    if (deed.kind !== 'approve') return [deed];
    const right: Deed = { kind: 'confirm', atMs: deed.atMs, isRight: true };
    if (!random.chance(0.2)) return sometimesTwice(right, random);
    return [
      { ...right, isRight: false },
      { ...right, atMs: deed.atMs + 20 * second },
    ];
  });
}

/** What payer and merchant do after an agreement was asked for. */
export function consentDeeds(
  consent: Consent,
  payer: readonly Deed[],
  random: SeededRandom,
): readonly Deed[] {
  const { id } = consent;
  const later = () => (1 + random.integer(3000)) * second;
  const drawn = someOf(
    [
      [0.1, () => ({ kind: 'pay', atMs: random.integer(2) * later() })],
      [0.06, () => ({ kind: 'resolve', atMs: later() })],
      [0.2, () => ({ kind: 'sign-off', atMs: later() })],
      // In the payer's own wallet, where it stands by then.
      [0.1, () => ({ kind: 'decline', atMs: later() })],
      [0.05, () => ({ kind: 'forge', atMs: later() })],
    ],
    random,
  );
  const signed = codeDeeds(consent, payer, random.fork('code'));
  return [...signed, ...drawn, ...chargeDeeds(id, random.fork('charges'))];
}
