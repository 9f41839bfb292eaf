/** gateway storm · worker: runs its slice of the worlds in a process of its own. */
import type { Slice } from './main.ts';
import { reportWorld } from './run.ts';

process.on('message', async ({ seed, payments, worlds }: Slice) => {
  for (const world of worlds) process.send?.(await reportWorld({ seed, payments }, world));
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMs: (user + system) / 1000 }, () => process.exit(0));
});
