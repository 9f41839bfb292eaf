/** bench · pay: the round trip of a payment, beside the rival and beside the floor. See README.md. */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Measured } from './run.ts';
import { inFlight, makePair } from './work.ts';

const help = `Usage: npm run bench [-- --quick]

Measures one payment by QR code (trade.precreate), ${inFlight} in flight, against one loopback server:
polyrail, the unmodified alipay-sdk (signature check on), and the floor (a bare undici request with
the same RSA signature and verification). Rounds alternate; medians are printed.

  --quick   one short round: to see that it runs, not to quote
`;

if (process.argv.includes('--help')) {
  process.stdout.write(help);
  process.exit(0);
}
const quick = process.argv.includes('--quick');
const rounds = quick ? 1 : 5;
/** Slower contestants pay fewer times: each round takes some seconds. */
const counts: Readonly<Record<string, number>> = quick
  ? { polyrail: 500, 'alipay-sdk': 200, floor: 500 }
  : { polyrail: 6000, 'alipay-sdk': 1000, floor: 6000 };

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const merchant = makePair();
const platform = makePair();
const server = fork(path('server.ts'), {
  env: { ...process.env, BENCH_PLATFORM_KEY: platform.privateKey },
});
const [{ port }] = (await once(server, 'message')) as [{ port: number }];
const environment = {
  ...process.env,
  BENCH_MERCHANT_KEY: merchant.privateKey,
  BENCH_PLATFORM_PUBLIC: platform.publicKey,
  BENCH_GATEWAY: `http://127.0.0.1:${port}/gateway.do`,
};

function measure(name: string): Measured {
  const words = ['--conditions=@polyrail/source', path('run.ts'), name, String(counts[name])];
  const printed = execFileSync(process.execPath, words, { env: environment, encoding: 'utf8' });
  return JSON.parse(printed) as Measured;
}

const names = Object.keys(counts);
const results = new Map<string, Measured[]>(names.map((name) => [name, []]));
for (let round = 1; round <= rounds; round += 1) {
  process.stderr.write(`round ${round} of ${rounds}\n`);
  // Each round begins with another contestant: none always has the coolest machine.
  for (let turn = 0; turn < names.length; turn += 1) {
    const name = names[(turn + round) % names.length] as string;
    results.get(name)?.push(measure(name));
  }
}
server.disconnect();

const median = (name: string, member: keyof Measured): number => {
  const values = (results.get(name) ?? []).map((one) => one[member]);
  const sorted = values.sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};
const ratio = (member: keyof Measured, than: string): string =>
  (median('polyrail', member) / median(than, member)).toFixed(2);

const [processor] = cpus();
const lines = [
  `Node ${process.version}, ${cpus().length} × ${processor?.model.trim()}, ${rounds} rounds, medians`,
  '',
  '|            | payments/s | p50 ms | p99 ms | CPU ms each |',
  '| ---------- | ---------: | -----: | -----: | ----------: |',
  ...names.map((name) => {
    const cells = [
      median(name, 'perSecond').toFixed(0).padStart(10),
      median(name, 'p50Ms').toFixed(1).padStart(6),
      median(name, 'p99Ms').toFixed(1).padStart(6),
      median(name, 'cpuMs').toFixed(3).padStart(11),
    ];
    return `| ${name.padEnd(10)} | ${cells.join(' | ')} |`;
  }),
  '',
  `polyrail beside alipay-sdk: ${ratio('perSecond', 'alipay-sdk')} × throughput (goal 8), ` +
    `${ratio('p99Ms', 'alipay-sdk')} × p99 (goal 0.25)`,
  `polyrail beside the floor:  ${ratio('cpuMs', 'floor')} × CPU (goal 1.25), ` +
    `${ratio('perSecond', 'floor')} × throughput`,
];
process.stdout.write(`${lines.join('\n')}\n`);
