/** The day's file: when it exists, and what stands at which byte. */
import { inflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UnionPaySite } from '../src/index.ts';
import { type Answer, call, isGenuine, paid, payOnPage, sequel, start } from './client.ts';
import { unzip } from './unzip.ts';

let site: UnionPaySite;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

const file = (settleDate: string) =>
  call(site, 'file', {
    ...{ txnType: '76', txnSubType: '01', bizType: '000000', settleDate, fileType: '00' },
  });
const archiveOf = ({ fields }: Answer) =>
  unzip(inflateSync(Buffer.from(fields['fileContent'] ?? '', 'base64')));

/** One column by its first and last byte, counted from 1. */
const column = (row: string, from: number, to: number): string => row.slice(from - 1, to).trim();
const rowsOf = (data: Buffer): readonly string[] =>
  data.toString('latin1').split('\r\n').filter(Boolean);

describe('the file of a day', () => {
  it('is there the next morning, not before', async () => {
    await paid(site, 'order0001');
    expect((await file('1124')).fields['respMsg']).toMatch(/^文件不存在/);
    await site.clock.advanceTo(Date.parse('2026-11-25T00:59:00Z'));
    expect((await file('1124')).fields['respCode']).toBe('98');
    await site.clock.advance(60_000);
    const answer = await file('1124');
    expect(isGenuine(answer.fields, site.credentials)).toBe(true);
    expect(answer.fields).toMatchObject({
      respCode: '00',
      fileName: `${site.credentials.merId}_20261124.zip`,
    });
    expect(answer.fields['orderId']).toBeUndefined();
    expect([...archiveOf(answer).keys()]).toEqual([`INN26112488ZM_${site.credentials.merId}`]);
  });

  it('holds every entry that was carried out, in columns that fit', async () => {
    const { queryId = '', traceNo = '' } = await paid(site, 'order0001', { reqReserved: 'tea' });
    await sequel(site, '04', { orderId: 'refund001', origQryId: queryId, txnAmt: '300' });
    await payOnPage(site, 'order0002');
    await site.payer.decline('order0002');
    await site.clock.advance(5_000);
    await site.settle('2026-11-24');
    const [data] = archiveOf(await file('1124')).values();
    const rows = rowsOf(data!);
    expect(rows.map((row) => row.length)).toEqual([607, 607]);
    const [payment = '', refund = ''] = rows;
    expect(column(payment, 1, 3)).toBe('S56');
    expect(column(payment, 29, 34)).toBe(traceNo);
    expect(column(payment, 36, 45)).toBe('1124151509');
    expect(column(payment, 47, 65)).toBe('6216***********0018');
    expect(column(payment, 67, 78)).toBe('000000001000');
    expect(column(payment, 88, 108)).toBe(queryId);
    expect(column(payment, 113, 144)).toBe('order0001');
    expect(column(payment, 167, 179)).toBe('D000000000006');
    expect(column(payment, 181, 193)).toBe('C000000000994');
    expect(column(payment, 216, 217)).toBe('01');
    expect(column(payment, 294, 308)).toBe(site.credentials.merId);
    expect(column(payment, 398, 429)).toBe('tea');
    expect(column(refund, 216, 217)).toBe('04');
    expect(column(refund, 181, 193)).toBe('D000000000300');
    expect(column(refund, 149, 154)).toBe(traceNo);
    expect(column(refund, 272, 292)).toBe(queryId);
    expect(column(refund, 477, 508)).toBe('order0001');
  });

  it('ends at 23:00, and is of one merchant', async () => {
    const other = await site.enroll();
    await site.clock.advanceTo(Date.parse('2026-11-24T14:59:00Z'));
    await paid(site, 'order0001');
    await site.clock.advance(60_000);
    await paid(site, 'order0002');
    await site.clock.advance(2 * 86_400_000);
    const orders = async (day: string) => {
      const [data] = archiveOf(await file(day)).values();
      return rowsOf(data!).map((row) => column(row, 113, 144));
    };
    expect(await orders('1124')).toEqual(['order0001']);
    expect(await orders('1125')).toEqual(['order0002']);
    const asked = { txnType: '76', txnSubType: '01', bizType: '000000', fileType: '00' };
    const foreign = await call(site, 'file', { ...asked, settleDate: '1124' }, other);
    expect(rowsOf([...archiveOf(foreign).values()][0]!)).toEqual([]);
  });

  it('has a file of exceptions beside it where a story says so', async () => {
    const { traceNo = '' } = await paid(site, 'order0001');
    await site.settle('2026-11-24');
    site.faults.arm({ fault: 'file-exceptions' });
    const files = archiveOf(await file('1124'));
    const { merId } = site.credentials;
    expect([...files.keys()]).toEqual([`INN26112488ZM_${merId}`, `INN26112488ZME_${merId}`]);
    const [row = ''] = rowsOf([...files.values()][1]!);
    expect(row).toHaveLength(339);
    expect(column(row, 29, 34)).toBe(traceNo);
    expect(column(row, 67, 78)).toBe('000000001000');
    expect(column(row, 155, 169)).toBe(merId);
  });

  it('is refused for days to come and days that are none; stories spoil it', async () => {
    expect((await file('1125')).fields['respCode']).toBe('98');
    expect((await file('0230')).fields['respCode']).toBe('98');
    expect((await file('1340')).fields['respMsg']).toBe('[9100003]Invalid field[settleDate]');
    await site.settle('2026-11-24');
    site.faults.arm({ fault: 'file-not-ready' });
    expect((await file('1124')).fields['respCode']).toBe('98');
    site.faults.arm({ fault: 'file-truncated' });
    const cut = await file('1124');
    expect(() => archiveOf(cut)).toThrow();
    await expect(site.settle('2026-11-25')).rejects.toThrow('has not begun');
  });
});
