/**
 * gateway storm · consents: agreements to be charged, at the channel that has them without a card - what goes
 * wrong on the way, and what payer and merchant do: charge, give back, end.
 */
import type { FaultRule, SeededRandom } from '@polyrail/simulator';
import { type Deed, someOf, sometimesTwice } from './deeds.ts';
import { exchangeFaults, fewFaults, howOften, notifyFaults } from './weather.ts';

const second = 1000;
const minute = 60 * second;

/** What a merchant asks for, but for the id. */
export const consentRequest = (random: SeededRandom): Readonly<Record<string, unknown>> => ({
  scene: random.pick(['page', 'qr']),
  extra: { signScene: 'INDUSTRY|DIGITAL_MEDIA' },
});

/** What Alipay's simulator calls its operations. */
const operations = {
  query: 'alipay.user.agreement.query',
  charge: 'alipay.trade.pay',
  chargeQuery: 'alipay.trade.query',
  end: 'alipay.user.agreement.unsign',
} as const;
const places = ['query', 'charge', 'charge', 'chargeQuery', 'end'] as const;

/** What goes wrong with one agreement. */
export function consentFaults(id: string, random: SeededRandom): readonly FaultRule[] {
  return fewFaults(random, () => {
    if (random.chance(0.35)) return { ...random.pick(notifyFaults), operation: 'dut_user_*' };
    const times = howOften(random);
    const place = random.pick(places);
    const own = place.startsWith('charge') ? { id: `${id}p1` } : {};
    return { ...random.pick(exchangeFaults), ...times, ...own, operation: operations[place] };
  });
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

/** What payer and merchant do after an agreement was asked for. */
export function consentDeeds(
  id: string,
  payer: readonly Deed[],
  random: SeededRandom,
): readonly Deed[] {
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
  return [...payer, ...drawn, ...chargeDeeds(id, random.fork('charges'))];
}
