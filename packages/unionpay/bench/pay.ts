/** bench · pay: the round trip of a payment by token, beside the floor. See README.md. */
import { racePayments } from '@polyrail/contest';
import { makeEnvironment } from './work.ts';

const of = await racePayments({
  counts: { polyrail: 6000, floor: 6000 },
  rounds: 5,
  run: new URL('run.ts', import.meta.url),
  server: new URL('server.ts', import.meta.url),
  environment: makeEnvironment(),
});
const ratio = (member: 'perSecond' | 'p99Ms' | 'cpuMs'): string =>
  (of('polyrail', member) / of('floor', member)).toFixed(2);
process.stdout.write(
  `polyrail beside the floor: ${ratio('cpuMs')} × CPU (goal 1.3), ` +
    `${ratio('perSecond')} × throughput, ${ratio('p99Ms')} × p99\n`,
);
