/** examples · play: tells acts on a stage, in order, and judges how it went. */
import { createNarrator, type NarratorOptions } from './narrator.ts';
import { openStage, type Stage } from './stage.ts';
import { invitation, summary } from './summary.ts';

export type Act = (stage: Stage) => Promise<void>;

interface PlayOptions extends NarratorOptions {
  /** Without it the play ends after the summary; with it the stage stays up until it resolves. */
  readonly stopped?: () => Promise<void>;
}

function prologue({ narrator, site, doorbell }: Stage): void {
  narrator.print();
  narrator.print('  Polyrail: the life of payments');
  narrator.print();
  narrator.print(`  the channel    ${site.url}   a simulator of Alipay, seed ${site.seed}`);
  narrator.print(`  the merchant   ${doorbell.url}`);
  narrator.print('  Everything below goes over HTTP between the two. No money moves.');
  narrator.print();
  narrator.print(
    '  → we call   ← the channel pushes   · the world acts   = the bill says   ✓ checked',
  );
}

/** An act that breaks off is a failed check, and ends the story. */
async function tell(acts: readonly Act[], stage: Stage): Promise<void> {
  const begun = performance.now();
  try {
    for (const act of acts) await act(stage);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    stage.narrator.check(`The story broke off: ${why}`, false);
  }
  summary(stage, performance.now() - begun);
}

/** `0` if every check held, `1` if one did not. */
export async function play(acts: readonly Act[], options: PlayOptions): Promise<0 | 1> {
  const narrator = createNarrator(options);
  const stage = await openStage(narrator);
  try {
    prologue(stage);
    await tell(acts, stage);
    if (options.stopped !== undefined) {
      await invitation(stage);
      await options.stopped();
    }
  } finally {
    await stage.close();
  }
  return narrator.count.failed === 0 ? 0 : 1;
}
