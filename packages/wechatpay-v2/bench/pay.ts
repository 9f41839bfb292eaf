/** bench · pay: the round trip of a native order, beside `tenpay` and the floor. See README.md. */
import { racePayments } from '@polyrail/contest';

const of = await racePayments({
  counts: { polyrail: 10_000, tenpay: 4000, floor: 20_000 },
  rounds: 5,
  run: new URL('run.ts', import.meta.url),
  server: new URL('server.ts', import.meta.url),
  environment: {},
});
const ratio = (member: 'perSecond' | 'p99Ms' | 'cpuMs', than: string): string =>
  (of('polyrail', member) / of(than, member)).toFixed(2);
process.stdout.write(
  `polyrail beside tenpay: ${ratio('perSecond', 'tenpay')} × throughput, ` +
    `${ratio('p99Ms', 'tenpay')} × p99\n` +
    `polyrail beside the floor: ${ratio('cpuMs', 'floor')} × CPU, ` +
    `${ratio('perSecond', 'floor')} × throughput\n`,
);
