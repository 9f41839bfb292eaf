import type { Ref } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import { cny, failure, gateway, now, success, thrown, trade } from './gateway.ts';

const cancelled: Ref<'cancellation'> = {
  noun: 'cancellation',
  merchantId: 'cancel_1',
  startedAt: now,
  handle: 'a1|order_1',
};
const tradeNode = (status: string, more: object = {}) =>
  success({ ...trade, total_amount: '9.00', trade_status: status, ...more });
const paid = { receipt_amount: '9.00', send_pay_date: '2026-11-22 10:00:00' };
const ask = (node: object, ref: Ref<'cancellation'> = cancelled) =>
  gateway(() => node)
    .channel()
    .queryCancellation(ref);
const named = async (work: Promise<{ status: string }>) => {
  const { status, ...told } = (await work) as Record<string, string>;
  return [status, told.doubt ?? told.effect].filter(Boolean).join('/');
};

describe('queryCancellation of a payment', () => {
  it.each([
    ['closed unpaid', tradeNode('TRADE_CLOSED'), 'succeeded/closed'],
    ['given back', tradeNode('TRADE_CLOSED', paid), 'succeeded/refunded'],
    [
      'given back in part',
      tradeNode('TRADE_SUCCESS', { ...paid, refund_fee: '1.00' }),
      'unknown/not-found',
    ],
    ['paid', tradeNode('TRADE_SUCCESS', paid), 'unknown/not-found'],
    ['not paid yet', tradeNode('WAIT_BUYER_PAY'), 'unknown/not-found'],
    ['unknown to Alipay', failure('ACQ.TRADE_NOT_EXIST'), 'unknown/not-found'],
  ])('reads a trade that is %s', async (_what, node, expected) => {
    expect(await named(ask(node))).toBe(expected);
  });

  it('tells what was given back', async () => {
    expect(await ask(tradeNode('TRADE_CLOSED', paid))).toMatchObject({ amount: cny(900) });
  });

  it('asks about the trade that was cancelled, or reversed', async () => {
    const site = gateway(() => tradeNode('TRADE_CLOSED'));
    await site.channel().queryCancellation(cancelled);
    const { handle: _none, ...bare } = cancelled;
    await site.channel().queryCancellation({ ...bare, merchantId: 'order_1' });
    for (const { method, content } of site.heard) {
      expect([method, content]).toEqual(['alipay.trade.query', { out_trade_no: 'order_1' }]);
    }
    expect(site.heard).toHaveLength(2);
  });

  it.each([
    ['trouble', failure('ACQ.SYSTEM_ERROR'), 'UNAVAILABLE'],
    ['another trade', tradeNode('TRADE_CLOSED', { out_trade_no: 'o2' }), 'REPLY_UNVERIFIED'],
    ['a state nobody knows', tradeNode('TRADE_ODD'), 'REPLY_UNREADABLE'],
    ['a refusal', failure('ACQ.INVALID_PARAMETER'), 'REFUSED'],
  ])('throws on %s', async (_what, node, code) => {
    expect((await thrown(ask(node))).code).toBe(code);
  });

  it('takes no handle of another noun', async () => {
    const foreign = { ...cancelled, handle: 'a1|sign|GENERAL_WITHHOLDING_P|X' };
    expect((await thrown(ask(tradeNode('TRADE_CLOSED'), foreign))).field).toBe('handle');
  });
});
