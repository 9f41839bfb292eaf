/** bench · lines: one reader of a bill, in a process of its own that does nothing else. */
import { createReadStream } from 'node:fs';

export interface Read {
  readonly lines: number;
  readonly perSecond: number;
  readonly cpuMs: number;
  /** Of the whole process, from its start to its end. */
  readonly peakMiB: number;
}

/** The day's statement as a merchant reads it: asked for, downloaded, verified to the last total. */
async function* statement(): AsyncGenerator<unknown> {
  // By names, so that what is measured is the built package and not its sources.
  const { createAlipay } = await import('@polyrail/alipay');
  const { secret } = await import('@polyrail/core');
  const { BENCH_MERCHANT_KEY = '', BENCH_PLATFORM_PUBLIC, BENCH_GATEWAY } = process.env;
  const alipay = createAlipay({
    appId: '2021000000000001',
    sellerId: '2088000000000001',
    merchantKey: secret(BENCH_MERCHANT_KEY),
    platformKey: BENCH_PLATFORM_PUBLIC ?? '',
    gatewayUrl: BENCH_GATEWAY ?? '',
  });
  yield* await alipay.statement({ kind: 'trade', date: '2026-11-21' });
}

/** The same lines, unpacked and in UTF-8 on the disk, split into columns and nothing else. */
async function* columns(): AsyncGenerator<unknown> {
  const { parse } = await import('csv-parse');
  const rows = parse({ comment: '#', comment_no_infix: true, relax_column_count: true });
  const source = createReadStream(process.env.BENCH_TEXT ?? '').pipe(rows);
  let isHeader = true;
  for await (const row of source) {
    if (!isHeader) yield row;
    isHeader = false;
  }
}

const begun = performance.now();
let lines = 0;
for await (const _line of process.env.BENCH_READER === 'polyrail' ? statement() : columns()) {
  lines += 1;
}
const { user, system } = process.cpuUsage();
const read: Read = {
  lines,
  perSecond: (lines / (performance.now() - begun)) * 1000,
  cpuMs: (user + system) / 1000,
  peakMiB: process.resourceUsage().maxRSS / 1024,
};
process.stdout.write(JSON.stringify(read));
process.exit(0);
