/** bench · statement: a bill of a million lines, streamed, beside a CSV parser that has it unpacked. */
import { makePair, raceReaders } from '@polyrail/contest';

const merchant = makePair();
const platform = makePair();
const of = await raceReaders({
  names: ['polyrail', 'csv-parse'],
  build: ['core', 'kit', 'wechatpay-bills', 'wechatpay'],
  readers: new URL('lines.ts', import.meta.url),
  server: new URL('billed.ts', import.meta.url),
  environment: {
    BENCH_MERCHANT_KEY: merchant.privateKey,
    BENCH_PLATFORM_KEY: platform.privateKey,
    BENCH_PLATFORM_PUBLIC: platform.publicKey,
  },
  rounds: 5,
  lines: 1_000_000,
});
const share = of('polyrail', 'perSecond') / of('csv-parse', 'perSecond');
process.stdout.write(
  `polyrail beside csv-parse alone: ${share.toFixed(2)} × the lines a second; ` +
    `peak ${of('polyrail', 'peakMiB').toFixed(0)} MiB\n`,
);
