/** gateway storm · worker: runs its slice of the worlds in a process of its own. */
import type { Slice } from './main.ts';
import { reportWorld, type WorldReport } from './run.ts';

const tell = (report: WorldReport): Promise<void> =>
  new Promise((resolve) => process.send?.(report, () => resolve()));

/** A world takes seconds. Minutes are counted, so that a machine that slept does not count as one. */
const mostMinutes = 10;

/** Ends the process with words when a world stands still: nothing in it would ever say so. */
function watch(world: number): () => void {
  let minutes = 0;
  const timer = setInterval(() => {
    minutes += 1;
    if (minutes < mostMinutes) return;
    process.stderr.write(`\nWorld ${world} stands still: it waits for what never comes.\n`);
    process.exit(1);
  }, 60_000);
  return () => clearInterval(timer);
}

// Nobody hears what becomes of it any more: it does not go on for hours by itself.
process.on('disconnect', () => process.exit(1));

process.on('message', async ({ seed, payments, worlds }: Slice) => {
  for (const world of worlds) {
    const end = watch(world);
    await tell(await reportWorld({ seed, payments }, world));
    end();
  }
  process.exit(0);
});
