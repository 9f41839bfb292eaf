/** contest · burst: one contestant in a process of its own; says what it measured as JSON. */
import { inFlight, orderIds } from './keys.ts';

/** Orders one payment and throws unless it was accepted. */
export type Pay = (id: string) => Promise<void>;

export interface Measured {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of the whole process, thread pool included, for one payment. */
  readonly cpuMs: number;
}

/** Pays `total` orders with always the same number under way; gives each one's duration. */
async function burst(pay: Pay, total: number): Promise<readonly number[]> {
  const durations: number[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < total) {
      const id = orderIds[next % orderIds.length] as string;
      next += 1;
      const begun = performance.now();
      await pay(id);
      durations.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return durations.sort((left, right) => left - right);
}

/** The program of a contestant: `NAME COUNT` are its words. A warm-up comes first. */
export async function runContestant(
  contestants: Readonly<Record<string, () => Promise<Pay>>>,
): Promise<never> {
  const [name = '', count = '2000'] = process.argv.slice(2);
  const pay = await contestants[name]?.();
  if (pay === undefined) throw new Error(`no contestant is called ${name}`);
  await burst(pay, Math.max(inFlight * 8, Number(count) / 5));
  const cpuBefore = process.cpuUsage();
  const begun = performance.now();
  const durations = await burst(pay, Number(count));
  const elapsedMs = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpuBefore);
  const at = (share: number) => durations[Math.floor(durations.length * share)] ?? 0;
  const measured: Measured = {
    perSecond: (durations.length / elapsedMs) * 1000,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    cpuMs: (user + system) / 1000 / durations.length,
  };
  process.stdout.write(JSON.stringify(measured));
  process.exit(0);
}
