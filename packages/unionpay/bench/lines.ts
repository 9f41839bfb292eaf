/** bench · lines: the readers of a file. By names, so that what is measured is the built package. */
import { createReadStream } from 'node:fs';
import type { Readers } from '@polyrail/contest';

/** The day's file as a merchant reads it: asked for, verified, unpacked, every row read as money. */
async function* statement(): AsyncGenerator<unknown> {
  const { createUnionPay } = await import('@polyrail/unionpay');
  const { secret } = await import('@polyrail/core');
  const { BENCH_MERCHANT = '', BENCH_MERCHANT_KEY = '', BENCH_ORIGIN = '' } = process.env;
  const { BENCH_ROOT: root = '', BENCH_MIDDLE: middle = '' } = process.env;
  const unionpay = createUnionPay({
    merId: '777290058110048',
    signing: { method: 'rsa', certificate: BENCH_MERCHANT, key: secret(BENCH_MERCHANT_KEY) },
    certificates: { root, middle },
    notifyUrl: 'https://shop.example/unionpay',
    fileUrl: `${BENCH_ORIGIN}/`,
    statementMaxBytes: 256 * 1024 * 1024,
  });
  yield* await unionpay.statement({ kind: 'trade', date: '2026-11-21' });
}

/** The same rows, unpacked on the disk, cut into the same columns and nothing else. */
async function* columns(): AsyncGenerator<unknown> {
  const widths = [
    ...[3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32],
    ...[1, 21, 15, 1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 32, 98],
  ];
  let rest = '';
  for await (const piece of createReadStream(process.env.BENCH_TEXT ?? '', 'latin1')) {
    const rows = (rest + piece).split('\r\n');
    rest = rows.pop() ?? '';
    for (const row of rows) {
      let start = 0;
      yield widths.map((width) => {
        const cell = row.slice(start, start + width);
        start += width + 1;
        return cell;
      });
    }
  }
}

export const readers: Readers = { polyrail: statement, cut: columns };
