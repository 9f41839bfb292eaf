/** bench · lines: the readers of a bill. By names, so that what is measured is the built package. */
import { createReadStream } from 'node:fs';
import type { Readers } from '@polyrail/contest';

/** The day's statement as a merchant reads it: asked for, downloaded, verified to the last total. */
async function* statement(): AsyncGenerator<unknown> {
  const { createAlipay } = await import('@polyrail/alipay');
  const { secret } = await import('@polyrail/core');
  const { BENCH_MERCHANT_KEY = '', BENCH_PLATFORM_PUBLIC, BENCH_ORIGIN } = process.env;
  const alipay = createAlipay({
    appId: '2021000000000001',
    sellerId: '2088000000000001',
    merchantKey: secret(BENCH_MERCHANT_KEY),
    platformKey: BENCH_PLATFORM_PUBLIC ?? '',
    gatewayUrl: `${BENCH_ORIGIN}/gateway.do`,
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

export const readers: Readers = { polyrail: statement, 'csv-parse': columns };
