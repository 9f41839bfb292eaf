/** bench · run: one contestant in a process of its own, as fast as it can or at a rate; prints JSON. */
import { contestants } from './contestants.ts';
import { inLanes, paymentIds, percentile, warmIds } from './work.ts';

const [name = '', countWord = '1000', rateWord] = process.argv.slice(2);
const contestant = contestants[name];
if (contestant === undefined) throw new Error(`no contestant is called ${name}`);
const ids = paymentIds.slice(0, Number(countWord));

/** Begins one payment after the other at a rate, whether or not those before have ended. */
async function atRate(perSecond: number, pay: (id: string) => Promise<void>) {
  const begun = performance.now();
  const timed = ids.map(async (id, at) => {
    const due = begun + (at * 1000) / perSecond;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    const since = performance.now();
    await pay(id);
    return performance.now() - since;
  });
  return Promise.all(timed);
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
    perSecond: (durations.length / elapsedMs) * 1000,
    p50Ms: percentile(durations, 0.5),
    p99Ms: percentile(durations, 0.99),
    cpuMs: (user + system) / 1000 / durations.length,
  };
});
process.stdout.write(JSON.stringify(measured));
process.exit(0);
