/** gateway storm · worker: runs its slice of the worlds in a process of its own. */
import type { Slice } from './main.ts';
import { reportWorld, type WorldReport } from './run.ts';

const tell = (report: WorldReport): Promise<void> =>
  new Promise((resolve) => process.send?.(report, () => resolve()));

process.on('message', async ({ seed, payments, worlds }: Slice) => {
  for (const world of worlds) await tell(await reportWorld({ seed, payments }, world));
  process.exit(0);
});
