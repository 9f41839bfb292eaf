import { PolyrailError } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import { cny, failure, gateway, now, payment, success, thrown, trade } from './gateway.ts';

const request = { payment, merchantRefundId: 'refund_1', amount: cny(300) };
const done = success({
  out_trade_no: trade.out_trade_no,
  trade_no: trade.trade_no,
  fund_change: 'Y',
  refund_fee: '3.00',
  gmt_refund_pay: '2026-11-22 10:49:23',
});
const found = success({
  ...trade,
  out_request_no: 'refund_1',
  refund_amount: '3.00',
  refund_status: 'REFUND_SUCCESS',
  total_amount: '9.00',
});
const ref = {
  noun: 'refund',
  merchantId: 'refund_1',
  amount: cny(300),
  startedAt: now,
  handle: 'a1|order_1',
} as const;

const refunded = (refund: object | Error, query?: object | Error) => {
  const site = gateway(({ method }) =>
    method === 'alipay.trade.refund' ? refund : (query ?? new Error(`unexpected ${method}`)),
  );
  return { site, result: site.channel().refund(request) };
};
const queried = (node: object | Error) =>
  gateway(() => node)
    .channel()
    .queryRefund(ref);

describe('refund', () => {
  it('asks as documented, and keeps the trade in its handle', async () => {
    const site = gateway(() => done);
    const extra = { operatorId: 'O1', tellDepositBack: true };
    const result = await site.channel().refund({ ...request, note: 'cold tea', extra });
    expect(site.heard[0]?.method).toBe('alipay.trade.refund');
    expect(site.heard[0]?.content).toEqual({
      out_trade_no: 'order_1',
      out_request_no: 'refund_1',
      refund_amount: '3.00',
      refund_reason: 'cold tea',
      operator_id: 'O1',
      query_options: ['deposit_back_info'],
    });
    expect(result).toMatchObject({
      status: 'succeeded',
      evidence: 'signed',
      amount: cny(300),
      arrivedAt: '2026-11-22T02:49:23.000Z',
      ref: { merchantId: 'refund_1', handle: 'a1|order_1' },
    });
  });

  it.each([
    ['was carried out before', found, { status: 'succeeded', amount: cny(300) }],
    ['is not there yet', success({}), { status: 'pending', waitingFor: 'channel' }],
    ['is not known', failure('TRADE_NOT_EXIST'), { status: 'pending', waitingFor: 'channel' }],
    ['cannot be asked', new PolyrailError('UNAVAILABLE', ''), { status: 'unknown' }],
    ['may not be asked', failure('isv.x', '40006'), { status: 'unknown', doubt: 'server-error' }],
    ['is another one', { ...found, out_request_no: 'refund_2' }, { status: 'unknown' }],
    ['is of another sum', { ...found, refund_amount: '4.00' }, { status: 'unknown' }],
  ])('asks what became of it when nothing moved: it %s', async (_what, query, expected) => {
    const { site, result } = refunded({ ...done, fund_change: 'N' }, query);
    expect(await result).toMatchObject(expected);
    expect(site.heard).toHaveLength(2);
    expect(site.heard[1]?.content).toMatchObject({
      out_trade_no: 'order_1',
      out_request_no: 'refund_1',
    });
  });

  it.each(['2.99', '8000000.00'])('does not believe a sum of %s', async (sum) => {
    const result = await refunded({ ...done, refund_fee: sum }).result;
    expect(result).toMatchObject({ status: 'unknown', doubt: 'contradicts-request' });
  });

  it.each([
    ["another trade's answer", { ...done, out_trade_no: 'order_2' }, 'contradicts-request'],
    ["nobody's answer", { ...done, out_trade_no: undefined }, 'unreadable-reply'],
    ['an answer without fund_change', { ...done, fund_change: undefined }, 'unreadable-reply'],
    ['trouble', failure('ACQ.SYSTEM_ERROR'), 'server-error'],
    ['a trade closed before', failure('ACQ.TRADE_HAS_CLOSE'), 'repeated-id'],
    ['silence', new PolyrailError('UNAVAILABLE', '', { doubt: 'no-reply' }), 'no-reply'],
  ])('is unknown after %s', async (_what, node, doubt) => {
    expect(await refunded(node).result).toMatchObject({ status: 'unknown', doubt });
  });

  it.each([
    ['ACQ.SELLER_BALANCE_NOT_ENOUGH', 'merchant-funds', 'same-id'],
    ['ACQ.REFUND_AMT_NOT_EQUAL_TOTAL', 'refund-exceeds', 'never'],
    ['ACQ.TRADE_HAS_FINISHED', 'window-passed', 'never'],
  ])('fails with %s', async (subCode, reason, retry) => {
    const result = await refunded(failure(subCode)).result;
    expect(result).toMatchObject({ status: 'failed', reason, retry });
  });

  it('throws REFUSED for an id that stands for another sum', async () => {
    const error = await thrown(refunded(failure('ACQ.DISCORDANT_REPEAT_REQUEST')).result);
    expect(error).toMatchObject({ code: 'REFUSED', reason: 'id-reused' });
  });

  it('refuses a note that the channel would cut', async () => {
    const site = gateway(() => done);
    const error = await thrown(site.channel().refund({ ...request, note: 'n'.repeat(257) }));
    expect(error).toMatchObject({ code: 'REQUEST_INVALID', field: 'note' });
    expect(site.heard).toHaveLength(0);
  });
});

describe('queryRefund', () => {
  it('finds what succeeded', async () => {
    const node = { ...found, gmt_refund_pay: '2026-11-22 10:49:23' };
    expect(await queried(node)).toMatchObject({
      status: 'succeeded',
      amount: cny(300),
      arrivedAt: '2026-11-22T02:49:23.000Z',
    });
  });

  it.each([
    ['a success without a status', success({ ...trade })],
    ['a success without anything', success({})],
    ['no such trade', failure('ACQ.TRADE_NOT_EXIST')],
    ['no such trade, without its prefix', failure('TRADE_NOT_EXIST')],
  ])('reads %s as not found', async (_what, node) => {
    expect(await queried(node)).toMatchObject({
      status: 'unknown',
      doubt: 'not-found',
      evidence: 'signed',
    });
  });

  it.each([
    ['another refund', { ...found, out_request_no: 'refund_2' }, 'contradicts-request'],
    ['another trade', { ...found, out_trade_no: 'order_2' }, 'contradicts-request'],
    ['nothing of another trade', success({ out_trade_no: 'order_2' }), 'contradicts-request'],
    ['a transfer', success({ out_biz_no: 'payout_1', status: 'SUCCESS' }), 'contradicts-request'],
    ['a hold', success({ out_order_no: 'order_1', status: 'SUCCESS' }), 'contradicts-request'],
    ['its trade', success({ ...trade, trade_status: 'TRADE_SUCCESS' }), 'contradicts-request'],
    ['a balance', success({ available_amount: '1.00' }), 'contradicts-request'],
    ['another sum', { ...found, refund_amount: '3.01' }, 'contradicts-request'],
    ['a status nobody knows', { ...found, refund_status: 'REFUND_MAYBE' }, 'unreadable-reply'],
    ['a success without its sum', { ...found, refund_amount: undefined }, 'unreadable-reply'],
  ])('does not believe %s', async (_what, node, doubt) => {
    expect((await thrown(queried(node))).doubt).toBe(doubt);
  });

  it('needs the handle of the reference', async () => {
    const { handle: _handle, ...bare } = ref;
    const site = gateway(() => found);
    const error = await thrown(site.channel().queryRefund(bare));
    expect(error).toMatchObject({ code: 'REQUEST_INVALID', field: 'handle' });
    expect(site.heard).toHaveLength(0);
  });
});
