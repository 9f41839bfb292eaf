/** conformance · examine: holds laws against a subject, one after the other, and says what it saw. */
import { explore } from './explore.ts';
import { later } from './instruments.ts';
import { type Law, NotApplicable } from './law.ts';
import { checkWaivers, reasonAgainst } from './plan.ts';
import { createStage, type Stage, type StageOptions } from './stage.ts';
import type { Site, Subject } from './subject.ts';

export type Verdict = 'PASS' | 'WAIVED' | 'N/A' | 'FAIL';

/** What became of one law. */
export interface Result {
  readonly id: string;
  readonly sentence: string;
  readonly level: Law['level'];
  readonly verdict: Verdict;
  /** Why it was waived or does not apply; of a failure, its message. */
  readonly reason?: string;
  /** With `FAIL`: what the law ran into, stack and all. */
  readonly error?: unknown;
  readonly durationMs: number;
}

export interface ExamineOptions {
  /** Decides everything that is chosen by chance. The same seed replays the same run. Default 1. */
  readonly seed?: number;
  /** Wall time that one law may take before it counts as hanging. Default 30 000. */
  readonly patienceMs?: number;
}

export interface Examination {
  readonly seed: number;
  examine(law: Law): Promise<Result>;
  /** Stops the sites. */
  end(): Promise<void>;
}

/** A site with a counter for the ids given out on it. */
interface Ground {
  readonly site: Site;
  readonly counter: { count: number };
}

async function unlessHanging(law: Law, run: Promise<void>, patienceMs: number): Promise<void> {
  const over = later(patienceMs);
  const hanging = over.done.then(() => {
    throw new Error(`${law.id} is not over after ${patienceMs} ms: a call never settles`);
  });
  try {
    await Promise.race([run, hanging]);
  } finally {
    over.cancel();
  }
}

async function prepare(law: Law, options: StageOptions): Promise<Stage> {
  const stage = createStage(options);
  const against = reasonAgainst(law, stage.client.channel);
  if (against !== undefined) throw new NotApplicable(against);
  if (law.level === 1) return stage;
  await explore(stage);
  // What exploring made the site say is not for the law to hear.
  return createStage(options);
}

/**
 * Examines a subject law by law. Laws share a site, but one that `alone` asks for its own, and the
 * first one after a failure gets a fresh one.
 */
export function createExamination(
  subject: Subject,
  laws: readonly Law[],
  options: ExamineOptions = {},
): Examination {
  checkWaivers(subject, laws);
  const { seed = 1, patienceMs = 30_000 } = options;
  let shared: Promise<Ground> | undefined;
  const start = async (): Promise<Ground> => ({
    site: await subject.start(),
    counter: { count: 0 },
  });
  const stop = async (ground: Promise<Ground> | undefined): Promise<void> => {
    await ground?.then(
      ({ site }) => site.stop(),
      () => undefined,
    );
  };

  const hold = async (law: Law): Promise<void> => {
    const own = law.alone ? start() : undefined;
    shared ??= own === undefined ? start() : shared;
    const ground = own ?? shared;
    try {
      const stage = await prepare(law, {
        subject,
        seed,
        lawId: law.id,
        ...(await (ground as Promise<Ground>)),
      });
      await unlessHanging(law, law.run(stage), patienceMs);
    } catch (error) {
      if (!(error instanceof NotApplicable) && ground === shared) {
        await stop(shared);
        shared = undefined;
      }
      throw error;
    } finally {
      await stop(own);
    }
  };

  return {
    seed,
    async examine(law) {
      const { id, sentence, level } = law;
      const begun = performance.now();
      const end = (verdict: Verdict, details: object = {}): Result => {
        const durationMs = Math.round(performance.now() - begun);
        return { id, sentence, level, verdict, ...details, durationMs };
      };
      const waiver = subject.waive?.[id];
      try {
        await hold(law);
        if (waiver === undefined) return end('PASS');
        return end('WAIVED', { reason: `${waiver} (it holds: the waiver can go)` });
      } catch (error) {
        if (error instanceof NotApplicable) return end('N/A', { reason: error.message });
        if (waiver !== undefined) return end('WAIVED', { reason: waiver });
        const reason = error instanceof Error ? error.message : String(error);
        return end('FAIL', { reason, error });
      }
    },
    async end() {
      await stop(shared);
      shared = undefined;
    },
  };
}
