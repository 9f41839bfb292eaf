/** bench · pay: the round trip of a payment, beside the rival and beside the floor. See README.md. */
import { makePair, racePayments } from '@polyrail/contest';

const merchant = makePair();
const platform = makePair();
const of = await racePayments({
  counts: { polyrail: 6000, 'alipay-sdk': 1000, floor: 6000 },
  rounds: 5,
  run: new URL('run.ts', import.meta.url),
  server: new URL('server.ts', import.meta.url),
  environment: {
    BENCH_MERCHANT_KEY: merchant.privateKey,
    BENCH_PLATFORM_KEY: platform.privateKey,
    BENCH_PLATFORM_PUBLIC: platform.publicKey,
  },
});
const ratio = (member: 'perSecond' | 'p99Ms' | 'cpuMs', than: string): string =>
  (of('polyrail', member) / of(than, member)).toFixed(2);
process.stdout.write(
  `polyrail beside alipay-sdk: ${ratio('perSecond', 'alipay-sdk')} × throughput (goal 8), ` +
    `${ratio('p99Ms', 'alipay-sdk')} × p99 (goal 0.25)\n` +
    `polyrail beside the floor:  ${ratio('cpuMs', 'floor')} × CPU (goal 1.25), ` +
    `${ratio('perSecond', 'floor')} × throughput\n`,
);
