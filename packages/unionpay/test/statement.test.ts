import { deflateSync } from 'node:zlib';
import type { StatementLine } from '@polyrail/core';
import { encodeText } from '@polyrail/kit/charset';
import { writeZip } from '@polyrail/simulator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Layout, lineOfRow, readRow, readRows, zm, zme } from '../src/zm.ts';
import { accepted, base, clockAt, cny, gateway, merId, refusal, thrown } from './gateway.ts';

const date = '2026-11-21';
const noon = clockAt('2026-11-22T04:00:00.000Z');

/** A row by its columns, written with blanks, as bytes in GBK. */
function rowOf(layout: Layout, cells: Readonly<Record<string, string>>): Buffer {
  const row = Buffer.alloc(layout.bytes, ' ');
  for (const { name, start, end } of layout.columns) {
    const cell = Buffer.from(encodeText(cells[name] ?? '', 'gbk'));
    if (cell.length > end - start) throw new Error(`${name} is too long`);
    cell.copy(row, start);
  }
  return row;
}

const paid = {
  transactionCode: 'S22',
  traceNo: '784649',
  traceTime: '1121104924',
  accNo: '621626******0018',
  amount: '000000000900',
  queryId: '442611211049247846498',
  orderId: 'order001',
  fee: 'D000000000005',
  settlement: 'C000000000895',
  txnType: '01',
  bizType: '000201',
  merId,
  subMerchantName: '茶馆',
};
const refunded = {
  ...paid,
  amount: '000000000400',
  queryId: '442611211050007846508',
  orderId: 'refund01',
  fee: 'C000000000002',
  settlement: 'D000000000398',
  txnType: '04',
  originalOrderId: 'order001',
};

const names = { zm: `INN26112188ZM_${merId}`, zme: `INN26112188ZME_${merId}` };
const fileOf = (rows: readonly Buffer[]): Buffer =>
  Buffer.concat(rows.flatMap((row) => [row, Buffer.from('\r\n')]));
const packed = (files: readonly { name: string; content: Uint8Array }[]): string =>
  deflateSync(
    writeZip(files.map(({ name, content }) => ({ name: Buffer.from(name), data: content }))),
  ).toString('base64');
const whole = packed([
  { name: names.zm, content: fileOf([rowOf(zm, paid), rowOf(zm, refunded)]) },
  { name: `RD2010261121 01_${merId}`, content: Buffer.from('a summary') },
]);

const fetching = (fileContent: string, fileName = `${merId}_20261121.zip`) =>
  gateway((one) => accepted(one, { fileName, fileContent }));

async function linesOf(answer: ReturnType<typeof gateway>): Promise<StatementLine[]> {
  const statement = await answer.channel(undefined, { clock: noon }).statement({
    kind: 'trade',
    date,
  });
  const lines: StatementLine[] = [];
  for await (const line of statement) lines.push(line);
  return lines;
}

describe('settlement files', () => {
  it('are asked for by the day without its year, and read as lines', async () => {
    const answer = fetching(whole);
    const lines = await linesOf(answer);
    expect(answer.heard[0]).toMatchObject({
      kind: '76/01/000000',
      request: { url: base.fileUrl },
      fields: { settleDate: '1121', fileType: '00' },
    });
    expect(answer.heard[0]?.fields['orderId']).toBeUndefined();
    expect(lines).toMatchObject([
      {
        kind: 'payment',
        merchantId: 'order001',
        channelId: '442611211049247846498',
        amount: cny(900),
        fee: cny(5),
        direction: 'in',
        occurredAt: '2026-11-21T02:49:24.000Z',
        settledOn: date,
        raw: { subMerchantName: '茶馆' },
      },
      {
        kind: 'refund',
        merchantId: 'refund01',
        merchantPaymentId: 'order001',
        amount: cny(400),
        fee: cny(-2),
        direction: 'out',
      },
    ]);
  });

  it('tell exceptions as lines of no kind', async () => {
    const exception = { ...paid, orderId: '', settlement: 'D000000000900', queryId: '' };
    const content = packed([
      { name: names.zm, content: fileOf([]) },
      { name: names.zme, content: fileOf([rowOf(zme, exception)]) },
    ]);
    await expect(linesOf(fetching(content))).resolves.toMatchObject([
      { kind: 'other', direction: 'out', amount: cny(900), occurredAt: '2026-11-21T02:49:24.000Z' },
    ]);
  });

  it('are not there before they are due, and have nothing after that', async () => {
    const { channel } = gateway((one) => refusal(one, '98'));
    const ask = (instant: string) =>
      channel(undefined, { clock: clockAt(instant) }).statement({ kind: 'trade', date });
    // 09:00 in Beijing.
    await expect(thrown(ask('2026-11-22T01:00:00.000Z'))).resolves.toMatchObject({
      code: 'NOT_READY',
      retryAfterMs: 30 * 60_000,
    });
    // The day itself, which is not over.
    await expect(thrown(ask('2026-11-21T14:59:59.000Z'))).resolves.toMatchObject({
      code: 'NOT_READY',
    });
    const lines: unknown[] = [];
    for await (const line of await ask('2026-11-22T04:00:00.000Z')) lines.push(line);
    expect(lines).toEqual([]);
    const wrong = gateway((one) => refusal(one, '99'));
    await expect(thrown(linesOf(wrong))).resolves.toMatchObject({ code: 'REFUSED' });
  });

  it('are not read when they are of another day or merchant, cut, or of other rows', async () => {
    const rows = [rowOf(zm, paid), rowOf(zm, refunded)];
    const cases: Record<string, ReturnType<typeof gateway>> = {
      'another day': fetching(whole, `${merId}_20261120.zip`),
      'another year': fetching(whole, `${merId}_20251121.zip`),
      'another merchant': fetching(
        packed([{ name: names.zm, content: fileOf([rowOf(zm, { ...paid, merId: 'x' })]) }]),
      ),
      'no file of transactions': fetching(packed([{ name: 'x', content: fileOf(rows) }])),
      'cut base64': fetching(whole.slice(0, -8)),
      'a row that is cut': fetching(
        packed([{ name: names.zm, content: fileOf(rows).subarray(0, 900) }]),
      ),
      'a row without blanks': fetching(
        packed([{ name: names.zm, content: Buffer.alloc(607, 'x') }]),
      ),
      'no amount': fetching(
        packed([{ name: names.zm, content: fileOf([rowOf(zm, { ...paid, amount: 'x' })]) }]),
      ),
    };
    for (const [what, answer] of Object.entries(cases)) {
      const error = await thrown(linesOf(answer));
      expect(error.code, what).toMatch(/^REPLY_UN/);
    }
  });
});

describe('rows', () => {
  const layouts = fc.constantFrom(zm, zme);
  const cell = fc.stringMatching(/^[!-~]{0,2}$/);

  it('are 607 and 339 bytes long', () => {
    expect([zm.bytes, zme.bytes]).toEqual([607, 339]);
    expect(zm.columns).toHaveLength(42);
    expect(zme.columns).toHaveLength(22);
  });

  it('are read as they are written, in pieces of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        layouts,
        fc.array(fc.array(cell, { minLength: 42, maxLength: 42 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 1500 }),
        async (layout, told, size) => {
          const rows = told.map((cells) =>
            Object.fromEntries(
              layout.columns.map(({ name, start, end }, at) => [
                name,
                (cells[at] ?? '').slice(0, end - start),
              ]),
            ),
          );
          const file = fileOf(rows.map((row) => rowOf(layout, row)));
          const pieces = async function* () {
            for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
          };
          const read = [];
          for await (const batch of readRows(layout, pieces())) read.push(...batch);
          const expected = rows.map((row) =>
            Object.fromEntries(Object.entries(row).filter(([, value]) => value !== '')),
          );
          expect(read).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of another length are none', () => {
    fc.assert(
      fc.property(layouts, fc.uint8Array({ maxLength: 700 }), (layout, row) => {
        if (row.byteLength !== layout.bytes) {
          expect(() => readRow(layout, row)).toThrow(/bytes/);
        }
      }),
    );
  });

  it('tell a time without a year by the day they are cleared on', () => {
    const row = { ...paid, queryId: 'x', traceTime: '1231230500' };
    const { occurredAt } = lineOfRow(zm, row, '2027-01-01');
    expect(occurredAt).toBe('2026-12-31T15:05:00.000Z');
  });
});
