/**
 * gateway storm · risk: the merchant's own assessment before anything is sent - in every second world, so that
 * orders are stored with their first attempt in the others - and how it answers what it wanted confirmed.
 */
import type { SeededRandom } from '@polyrail/simulator';
import type { Risk, RiskAnswer } from '../src/index.ts';
import type { Deed } from './deeds.ts';

/** `silence` and `error` are no answers: what is stated for them holds, a challenge. */
export type Assessment = RiskAnswer | 'silence' | 'error';

const second = 1000;
const minute = 60 * second;

/** Of a payment, payout, hold or agreement. */
export function drawAssessment(random: SeededRandom): Assessment {
  const draw = random.integer(100);
  if (draw < 74) return 'pass';
  if (draw < 86) return 'challenge';
  if (draw < 92) return 'block';
  return draw < 96 ? 'silence' : 'error';
}

const isChallenging = (assessment: Assessment): boolean =>
  assessment !== 'pass' && assessment !== 'block';

/** Somebody confirms it, mostly soon, sometimes after it has lapsed; or nobody does. */
export function confirmingDeeds(assessment: Assessment, random: SeededRandom): readonly Deed[] {
  if (!isChallenging(assessment) || random.chance(0.1)) return [];
  const atMs = random.chance(0.85)
    ? (4 + random.integer(60)) * second
    : random.integer(25) * minute;
  const verdict = random.chance(0.85) ? 'pass' : 'block';
  // Secrets are stored nowhere: whoever holds them asks again.
  return [
    { kind: 'answer', atMs, verdict },
    { kind: 'pay', atMs: atMs + second },
  ];
}

/** One of its own each time: what waits for it goes with its world. */
const never = (): Promise<never> => new Promise<never>(() => undefined);

/** The hook, by what is said of an order. */
export const riskOf = (assessmentOf: (id: string) => Assessment): Risk => ({
  async assess({ request }) {
    const { merchantPaymentId, merchantPayoutId, merchantAgreementId } = request;
    const id = merchantPaymentId ?? merchantPayoutId ?? merchantAgreementId;
    const assessment = assessmentOf(String(id));
    if (assessment === 'error') throw new Error('The assessment failed');
    return assessment === 'silence' ? never() : assessment;
  },
  timeoutMs: 3 * second,
  otherwise: 'challenge',
  challengeMs: 15 * minute,
});
