/** bench · statement: a file of a million rows, beside a reader that has it unpacked and only cuts it. */
import { raceReaders } from '@polyrail/contest';
import { makeEnvironment } from './work.ts';

const of = await raceReaders({
  names: ['polyrail', 'cut'],
  build: ['core', 'kit', 'unionpay'],
  readers: new URL('lines.ts', import.meta.url),
  server: new URL('billed.ts', import.meta.url),
  environment: makeEnvironment(),
  rounds: 5,
  lines: 1_000_000,
});
const share = of('polyrail', 'perSecond') / of('cut', 'perSecond');
process.stdout.write(
  `polyrail beside the reader that only cuts: ${share.toFixed(2)} × the lines a second; ` +
    `peak ${of('polyrail', 'peakMiB').toFixed(0)} MiB\n`,
);
