/** bench · bill: a day's ZM file of any length, as UnionPay packs it - fixed columns, in a ZIP, in zlib. */
import { once } from 'node:events';
import { createDeflate } from 'node:zlib';
import { archiveOf, billNumbers, packFile } from '@polyrail/contest';
import { merId } from './work.ts';

export const date = '2026-11-21';

/** Widths of the 42 columns; one blank stands between two of them (dossier §13.3). */
const widths = [
  ...[3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32],
  ...[1, 21, 15, 1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 32, 98],
];

const row = (cells: Readonly<Record<number, string>>): string =>
  `${widths.map((width, at) => (cells[at + 1] ?? '').padEnd(width)).join(' ')}\r\n`;

const digits = (value: number, length: number): string => String(value).padStart(length, '0');

/** The rows in pieces; every tenth gives back what the one before it took. */
export function* rowTexts(lines: number): Generator<string, undefined> {
  const random = billNumbers();
  let last = { trace: '', time: '', query: '', order: '', fen: 0 };
  for (let index = 0; index < lines; index += 1) {
    const isRefund = index % 10 === 9;
    const second = Math.floor((index / lines) * 72_000);
    const time = new Date(Date.UTC(2026, 10, 21) + second * 1000).toISOString();
    const traceTime = time.slice(5, 19).replaceAll(/[-:T]/g, '');
    const trace = digits(random.next().value % 1_000_000, 6);
    const query = `4426${traceTime}${trace}8`;
    const order = `order${digits(random.next().value, 10)}${digits(index, 8)}`;
    const fen = isRefund ? last.fen : 100 + (random.next().value % 100_000);
    const fee = isRefund ? 0 : Math.round(fen * 0.006);
    const settled = `${isRefund ? 'D' : 'C'}${digits(fen - fee, 12)}`;
    yield row({
      ...{ 1: isRefund ? 'S59' : 'S56', 2: '88022900', 3: '00049993', 4: trace, 5: traceTime },
      ...{ 6: `621626*********${digits(random.next().value % 10_000, 4)}`, 7: digits(fen, 12) },
      ...{ 8: '4899', 9: '07', 10: query, 11: '01', 12: order, 13: '01', 28: merId, 40: '7' },
      ...(isRefund ? { 14: last.trace, 15: last.time, 27: last.query, 41: last.order } : {}),
      ...{ 16: `D${digits(fee, 12)}`, 17: settled, 18: '0001', 30: '0'.repeat(15), 33: settled },
      ...{ 20: isRefund ? '04' : '01', 21: isRefund ? '00' : '01', 22: '000201', 34: '01080209' },
      ...{ 32: ` ${digits(0, 12)}`, 36: ` ${digits(0, 12)}`, 37: ` ${digits(0, 12)}` },
    });
    last = { trace, time: traceTime, query, order, fen };
  }
}

/** Rows of six hundred characters each, in pieces that are worth writing. */
export function* batches(texts: Iterable<string>): Generator<Buffer, undefined> {
  let batch: string[] = [];
  for (const text of texts) {
    batch.push(text);
    if (batch.length < 512) continue;
    yield Buffer.from(batch.join(''), 'latin1');
    batch = [];
  }
  yield Buffer.from(batch.join(''), 'latin1');
}

/** `fileContent`: the archive in zlib once more, as base64. */
export async function makeContent(source: Iterable<Buffer>): Promise<string> {
  const name = Buffer.from(`INN26112188ZM_${merId}`);
  const archive = archiveOf([await packFile(name, source)]);
  const deflate = createDeflate();
  const chunks: Buffer[] = [];
  deflate.on('data', (chunk: Buffer) => chunks.push(chunk));
  deflate.end(archive);
  await once(deflate, 'end');
  return Buffer.concat(chunks).toString('base64');
}
