/** bench · pay: the round trip of a native order, beside both npm clients and the floor. See README.md. */
import { makePair, racePayments } from '@polyrail/contest';

const merchant = makePair();
const platform = makePair();
const rivals = ['wechatpay-axios-plugin', 'wechatpay-node-v3'] as const;
const of = await racePayments({
  counts: {
    polyrail: 6000,
    'wechatpay-axios-plugin': 1500,
    'wechatpay-node-v3': 1500,
    floor: 6000,
  },
  rounds: 5,
  run: new URL('run.ts', import.meta.url),
  server: new URL('server.ts', import.meta.url),
  environment: {
    BENCH_MERCHANT_KEY: merchant.privateKey,
    BENCH_PLATFORM_KEY: platform.privateKey,
    BENCH_PLATFORM_PUBLIC: platform.publicKey,
  },
});
const [faster = rivals[0]] = rivals.toSorted((a, b) => of(b, 'perSecond') - of(a, 'perSecond'));
const ratio = (member: 'perSecond' | 'p99Ms' | 'cpuMs', than: string): string =>
  (of('polyrail', member) / of(than, member)).toFixed(2);
process.stdout.write(
  `polyrail beside the faster client, ${faster}: ` +
    `${ratio('perSecond', faster)} × throughput (goal 6), ${ratio('p99Ms', faster)} × p99 (goal 0.25)\n` +
    `polyrail beside the floor: ${ratio('cpuMs', 'floor')} × CPU, ` +
    `${ratio('perSecond', 'floor')} × throughput\n`,
);
