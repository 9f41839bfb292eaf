/** bench · run: one contestant in a process of its own, as fast as it can or at a rate; prints JSON. */
import { contestants } from './contestants.ts';
import { inLanes, paymentIds, percentile, warmIds } from './work.ts';

const [name = '', countWord = '1000', rateWord] = process.argv.slice(2);
const contestant = contestants[name];
if (contestant === undefined) throw new Error(`no contestant is called ${name}`);
const ids = paymentIds.slice(0, Number(countWord));

/** At a rate, as many of the first make the process ready for the rest. */
const settling = Math.floor(ids.length / 3);

/**
 * Begins one payment after the other at a rate, whether or not those before have ended. Each is measured
 * from the moment at which it was due.
 */
async function atRate(perSecond: number, pay: (id: string) => Promise<void>) {
  const begun = performance.now();
  const dueAt = (at: number): number => begun + (at * 1000) / perSecond;
  const durations: number[] = [];
  const timed = async (id: string, at: number): Promise<void> => {
    await pay(id);
    if (at >= settling) durations.push(performance.now() - dueAt(at));
  };
  const all: Promise<void>[] = [];
  for (const [at, id] of ids.entries()) {
    const waitMs = dueAt(at) - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    all.push(timed(id, at));
  }
  await Promise.all(all);
  return durations;
}

const measured = await contestant.run(async (pay) => {
  await inLanes(warmIds, contestant.lanes, pay);
  const cpuBefore = process.cpuUsage();
  const begun = performance.now();
  const durations =
    rateWord === undefined
      ? await inLanes(ids, contestant.lanes, pay)
      : await atRate(Number(rateWord), pay);
  const elapsedMs = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    perSecond: (ids.length / elapsedMs) * 1000,
    p50Ms: percentile(durations, 0.5),
    p99Ms: percentile(durations, 0.99),
    cpuMs: (user + system) / 1000 / ids.length,
  };
});
process.stdout.write(JSON.stringify(measured));
process.exit(0);
