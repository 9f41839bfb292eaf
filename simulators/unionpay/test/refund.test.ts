/** Money back: undone on its day, refunded later, reversed; in the order the gateway refuses. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UnionPaySite } from '../src/index.ts';
import { call, isGenuine, now, paid, payOnPage, query, sequel, start } from './client.ts';

let site: UnionPaySite;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

const hour = 3_600_000;
const seconds = (count: number) => site.clock.advance(count * 1_000);
const about = async (orderId: string) => {
  const { queryId = '' } = await paid(site, orderId);
  return { origQryId: queryId, txnAmt: '1000' };
};

describe('31, an undo', () => {
  it('is accepted, then done, whole and once', async () => {
    const original = await about('order0001');
    const { fields } = await sequel(site, '31', { orderId: 'undo00001', ...original });
    expect(isGenuine(fields, site.credentials)).toBe(true);
    expect(fields).toMatchObject({ respCode: '00', origQryId: original.origQryId, txnAmt: '1000' });
    expect(fields['queryId']).toMatch(/^\d{21}$/);
    expect(fields['currencyCode']).toBeUndefined();
    expect(site.book('order0001')).toMatchObject({ refunds: 0, refunded: 0 });
    await seconds(5);
    expect((await query(site, 'undo00001')).fields).toMatchObject({
      txnType: '31',
      origRespCode: '00',
      origQryId: original.origQryId,
    });
    expect(site.book('order0001')).toMatchObject({ state: 'UNDONE', refunds: 1, refunded: 1000 });
    const again = await sequel(site, '31', { orderId: 'undo00002', ...original });
    expect(again.fields['respMsg']).toBe('原交易已被成功退货或已被成功撤销[2050002]');
    const late = await sequel(site, '04', { orderId: 'refund001', ...original });
    expect(late.fields['respCode']).toBe('45');
  });

  it('is refused in the recorded order: unknown, other amount, number used', async () => {
    const original = await about('order0001');
    const unknown = { origQryId: '870427355953939658900', txnAmt: '10', orderId: 'order0001' };
    expect((await sequel(site, '31', unknown)).fields['respMsg']).toBe(
      '原交易不存在或状态不正确[2011001]',
    );
    const other = { ...original, txnAmt: '10', orderId: 'order0001' };
    expect((await sequel(site, '31', other)).fields['respMsg']).toBe('与原交易信息不符[2031003]');
    const used = await sequel(site, '31', { ...original, orderId: 'order0001' });
    expect(used.fields['respMsg']).toBe('重复交易[2010002]');
    expect(site.book('order0001')).toMatchObject({ state: 'SUCCEEDED', refunds: 0 });
  });

  it('is over at 23:00, when the day is settled: a refund still works', async () => {
    const original = await about('order0001');
    await site.clock.advanceTo(Date.parse('2026-11-24T14:59:59.000Z'));
    const inTime = await about('order0002');
    const undo = await sequel(site, '31', { ...inTime, orderId: 'undo00001' });
    expect(undo.fields['respCode']).toBe('00');
    await seconds(1);
    const late = await sequel(site, '31', { ...original, orderId: 'undo00002' });
    expect(late.fields['respMsg']).toBe('原交易不存在或状态不正确[2040004]');
    const refund = await sequel(site, '04', { ...original, orderId: 'refund001' });
    expect(refund.fields['respCode']).toBe('00');
    await seconds(5);
    expect(site.book('order0001')).toMatchObject({ state: 'REFUNDED', refunded: 1000 });
    expect((await query(site, 'refund001')).fields['settleDate']).toBe('1125');
  });

  it('is over as well once the day was closed by hand', async () => {
    const original = await about('order0001');
    await site.settle('2026-11-24');
    const undo = await sequel(site, '31', { ...original, orderId: 'undo00001' });
    expect(undo.fields['respCode']).toBe('35');
  });
});

describe('04, a refund', () => {
  it('is partial and repeated, up to the whole', async () => {
    const original = await about('order0001');
    const part = (orderId: string, txnAmt: string) =>
      sequel(site, '04', { ...original, orderId, txnAmt });
    expect((await part('refund001', '300')).fields['respCode']).toBe('00');
    expect((await part('refund002', '701')).fields['respMsg']).toBe('与原交易信息不符[2050004]');
    expect((await part('refund003', '700')).fields['respCode']).toBe('00');
    expect((await part('refund003', '700')).fields['respMsg']).toBe('重复交易[2010002]');
    await seconds(5);
    expect(site.book('order0001')).toMatchObject({ refunds: 2, refunded: 1000 });
    expect((await part('refund004', '1')).fields['respCode']).toBe('36');
    const undo = await sequel(site, '31', { ...original, orderId: 'undo00001' });
    expect(undo.fields['respCode']).toBe('45');
  });

  it('is refused for what is not paid, and after the window', async () => {
    await payOnPage(site, 'order0001');
    const nothing = { origQryId: '000000000000000000000', txnAmt: '1000', orderId: 'refund001' };
    expect((await sequel(site, '04', nothing)).fields['respCode']).toBe('35');
    const original = await about('order0002');
    await site.clock.advance(331 * 24 * hour);
    const late = await sequel(site, '04', { ...original, orderId: 'refund002' });
    expect(late.fields['respMsg']).toBe('原交易不存在或状态不正确[4040007]');
  });

  it('needs money on the merchant account', async () => {
    await site.stop();
    site = await start({ openingBalance: 0, feeRate: 0.1 });
    const original = await about('order0001');
    const whole = await sequel(site, '04', { ...original, orderId: 'refund001' });
    expect(whole.fields['respCode']).toBe('90');
    const rest = await sequel(site, '04', { ...original, orderId: 'refund002', txnAmt: '900' });
    expect(rest.fields['respCode']).toBe('00');
    await seconds(5);
    expect(site.book('order0001')).toMatchObject({ refunded: 900 });
  });

  it('fails late where a story says so, and leaves the money', async () => {
    const original = await about('order0001');
    site.faults.arm({ fault: 'fails-late', operation: 'refunds.create', respCode: '60' });
    await sequel(site, '04', { ...original, orderId: 'refund001' });
    await seconds(5);
    expect((await query(site, 'refund001')).fields['origRespCode']).toBe('60');
    expect(site.book('order0001')).toMatchObject({ refunds: 0, refunded: 0 });
    const again = await sequel(site, '04', { ...original, orderId: 'refund002' });
    expect(again.fields['respCode']).toBe('00');
  });
});

describe('99, a reversal', () => {
  const reverse = (orderId: string) =>
    call(site, 'back', {
      ...{ txnType: '99', txnSubType: '01', bizType: '000000', orderId, txnTime: now },
    });

  it('nullifies what was paid, once', async () => {
    await paid(site, 'order0001');
    expect((await reverse('order0001')).fields['respCode']).toBe('00');
    expect((await reverse('order0001')).fields['respCode']).toBe('00');
    expect((await query(site, 'order0001')).fields['origRespCode']).toBe('01');
    expect(site.book('order0001')).toMatchObject({ state: 'REVERSED', refunds: 1, refunded: 1000 });
  });

  it('ends what waits, and moves nothing', async () => {
    await payOnPage(site, 'order0001');
    expect((await reverse('order0001')).fields['respCode']).toBe('00');
    await expect(site.payer.approve('order0001')).rejects.toThrow();
    expect(site.book('order0001')).toMatchObject({ state: 'REVERSED', debits: 0, refunds: 0 });
  });

  it('is harmless where nothing is, and refused once refunded or settled', async () => {
    expect((await reverse('order0009')).fields['respMsg']).toBe(
      '原交易不存在或状态不正确[2011001]',
    );
    const original = await about('order0001');
    await sequel(site, '04', { ...original, orderId: 'refund001', txnAmt: '1' });
    expect((await reverse('order0001')).fields['respCode']).toBe('45');
    await paid(site, 'order0002');
    await site.clock.advance(24 * hour);
    expect((await reverse('order0002')).fields['respCode']).toBe('35');
  });
});
