/** gateway · risk: the merchant's own judgement before anything is sent. */
import type { Clock } from '@polyrail/core';
import type { BeginVerb } from './verbs.ts';

/** `challenge` keeps the entry until `confirm` answers it; `block` fails it. */
export type RiskAnswer = 'pass' | 'challenge' | 'block';

export interface RiskQuestion {
  readonly merchant: string;
  readonly verb: BeginVerb;
  /** As it was given; card data in it is wrapped. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
}

export interface Risk {
  assess(question: RiskQuestion): RiskAnswer | Promise<RiskAnswer>;
  /** How long `assess` may take, in ms; 3000 unless told. */
  readonly timeoutMs?: number;
  /** What holds when `assess` fails or takes longer; `challenge` unless told. */
  readonly otherwise?: RiskAnswer;
  /** How long a challenge stays open before it counts as blocked, in ms; 15 minutes unless told. */
  readonly challengeMs?: number;
}

export const defaultChallengeMs = 15 * 60_000;

/** Asks the hook and never waits longer than it may take. */
export async function assess(
  risk: Risk,
  question: Omit<RiskQuestion, 'signal'>,
  clock: Clock,
): Promise<{ readonly answer: RiskAnswer; readonly byDefault: boolean }> {
  const otherwise = { answer: risk.otherwise ?? 'challenge', byDefault: true } as const;
  const controller = new AbortController();
  let cancel = (): void => undefined;
  const late = new Promise<typeof otherwise>((resolve) => {
    cancel = clock.schedule(risk.timeoutMs ?? 3000, () => {
      controller.abort();
      resolve(otherwise);
    });
  });
  const asked = (async () => {
    const answer = await risk.assess({ ...question, signal: controller.signal });
    return { answer, byDefault: false } as const;
  })();
  try {
    return await Promise.race([asked.catch(() => otherwise), late]);
  } finally {
    cancel();
  }
}
