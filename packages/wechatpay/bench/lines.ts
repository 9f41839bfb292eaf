/** bench · lines: the readers of a bill. By names, so that what is measured is the built package. */
import { createReadStream } from 'node:fs';
import type { Readers } from '@polyrail/contest';

/** The day's bill as a merchant reads it: asked for, downloaded, verified to digest and sums. */
async function* statement(): AsyncGenerator<unknown> {
  const { createWechatPay } = await import('@polyrail/wechatpay');
  const { secret } = await import('@polyrail/core');
  const { BENCH_MERCHANT_KEY = '', BENCH_PLATFORM_PUBLIC, BENCH_ORIGIN } = process.env;
  const wechat = createWechatPay({
    mchId: '1900007291',
    appId: 'wxd678efh567hg6787',
    merchantKey: secret(BENCH_MERCHANT_KEY),
    merchantSerial: '408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB',
    apiV3Key: secret('0123456789abcdef0123456789abcdef'),
    publicKey: {
      id: 'PUB_KEY_ID_0114232134912410000000000000',
      key: BENCH_PLATFORM_PUBLIC ?? '',
    },
    baseUrl: BENCH_ORIGIN ?? '',
  });
  yield* await wechat.statement({ kind: 'trade', date: '2026-11-20' });
}

/** The same lines, unpacked on the disk, split into columns and nothing else. */
async function* columns(): AsyncGenerator<unknown> {
  const { parse } = await import('csv-parse');
  const rows = parse({ delimiter: ',`', quote: null, bom: true, relax_column_count: true });
  const source = createReadStream(process.env.BENCH_TEXT ?? '').pipe(rows);
  for await (const row of source) if (row.length === 27) yield row;
}

export const readers: Readers = { polyrail: statement, 'csv-parse': columns };
