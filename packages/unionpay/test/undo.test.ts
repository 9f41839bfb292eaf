import { describe, expect, it } from 'vitest';
import {
  accepted,
  clockAt,
  cny,
  found,
  gateway,
  now,
  payment,
  queryId,
  refusal,
  thrown,
  txnTime,
} from './gateway.ts';

const paid = { ...payment, channelId: queryId, handle: 'u1|p=token' } as const;
const unnamed = { ...payment, handle: 'u1|p=qr' } as const;
const refundOf = (ref: object, amount = 400) =>
  ({ payment: ref, merchantRefundId: 'refund01', amount: cny(amount) }) as never;
const cancelOf = (ref: object) => ({ payment: ref, merchantCancelId: 'cancel01' }) as never;

describe('refunds', () => {
  it('are accepted, and told as made only to who asks', async () => {
    const { channel, heard } = gateway((one) =>
      one.fields['txnType'] === '04'
        ? accepted(one, { queryId: '562611221049247846508' })
        : found(one, { txnType: '04', txnSubType: '00', txnAmt: '400' }),
    );
    const refund = await channel().refund(refundOf(paid));
    expect(refund).toMatchObject({ status: 'pending', waitingFor: 'channel' });
    expect(heard[0]).toMatchObject({
      kind: '04/00/000902',
      fields: {
        orderId: 'refund01',
        txnTime,
        txnAmt: '400',
        origQryId: queryId,
        backUrl: 'https://shop.example/unionpay',
      },
    });
    await expect(channel().queryRefund(refund.ref)).resolves.toMatchObject({
      status: 'succeeded',
      amount: cny(400),
    });
  });

  it('ask for the number of what they give back, where it is not known', async () => {
    const { channel, kinds, heard } = gateway((one) =>
      one.fields['txnType'] === '04' ? accepted(one) : found(one, { txnSubType: '07' }),
    );
    await channel().refund(refundOf(unnamed));
    expect(kinds()).toEqual(['00/00/000000', '04/00/000000']);
    expect(heard[1]?.fields).toMatchObject({ origQryId: queryId, channelType: '08' });
  });

  it('are not asked for of what was not paid', async () => {
    for (const fields of [{ origRespCode: '05' }, { origRespCode: '64' }]) {
      const { channel, kinds } = gateway((one) => found(one, fields));
      await expect(thrown(channel().refund(refundOf(unnamed)))).resolves.toMatchObject({
        code: 'REFUSED',
      });
      expect(kinds()).toEqual(['00/00/000000']);
    }
    const { channel } = gateway((one) => refusal(one, '34'));
    await expect(thrown(channel().refund(refundOf(unnamed)))).resolves.toMatchObject({
      code: 'REFUSED',
    });
  });

  it.each([
    ['36', '退货金额超限[2050004]', { status: 'failed', reason: 'refund-exceeds' }],
    ['35', '超过退货期限[2011000]', { status: 'failed', reason: 'window-passed' }],
    ['12', '重复交易[2010002]', { status: 'unknown', doubt: 'repeated-id' }],
  ])('tell why not: %s %s', async (code, words, expected) => {
    const { channel } = gateway((one) => refusal(one, code, words));
    await expect(channel().refund(refundOf(paid))).resolves.toMatchObject(expected);
  });

  it('are no payments, nor payments refunds', async () => {
    const { channel } = gateway((one) => found(one));
    const ref = { noun: 'refund', merchantId: 'refund01', startedAt: now } as const;
    await expect(thrown(channel().queryRefund(ref))).resolves.toMatchObject({
      code: 'REPLY_UNVERIFIED',
    });
  });
});

describe('cancellations', () => {
  it('undo the whole payment under a number of their own', async () => {
    const { channel, heard } = gateway((one) =>
      one.fields['txnType'] === '31'
        ? accepted(one, { queryId: '562611221049247846508' })
        : found(one, { txnType: '31', txnSubType: '00' }),
    );
    const cancelled = await channel().cancel(cancelOf(paid));
    expect(cancelled).toMatchObject({ status: 'pending', waitingFor: 'channel' });
    expect(heard[0]).toMatchObject({
      kind: '31/00/000902',
      fields: { orderId: 'cancel01', txnAmt: '900', origQryId: queryId },
    });
    await expect(channel().queryCancellation(cancelled.ref)).resolves.toMatchObject({
      status: 'succeeded',
      effect: 'refunded',
      amount: cny(900),
    });
  });

  it('tell when the day was over, and when it was not that', async () => {
    const told = (instant: string, words = '[2040004]') => {
      const { channel } = gateway((one) => refusal(one, '35', words));
      return channel(undefined, { clock: clockAt(instant) }).cancel(cancelOf(paid));
    };
    // 22:59 and 23:00 in Beijing.
    await expect(told('2026-11-22T14:59:59.000Z')).resolves.toMatchObject({ reason: 'other' });
    await expect(told('2026-11-22T15:00:00.000Z')).resolves.toMatchObject({
      status: 'failed',
      reason: 'window-passed',
      retry: 'never',
    });
    await expect(told('2026-11-22T15:00:00.000Z', '[2011001]')).resolves.toMatchObject({
      reason: 'parameter-invalid',
    });
  });

  it('are not made twice', async () => {
    const { channel } = gateway((one) => refusal(one, '45', '[2050002]'));
    await expect(channel().cancel(cancelOf(paid))).resolves.toMatchObject({
      status: 'failed',
      reason: 'cancelled',
      retry: 'never',
    });
  });
});

describe('reversals', () => {
  const reversing = (before: Parameters<typeof gateway>[0]) => {
    const { channel, kinds, heard } = gateway((one, count) =>
      one.fields['txnType'] === '99' ? accepted(one) : before(one, count),
    );
    return { reversed: channel().reverse(unnamed), kinds, heard };
  };

  it('say what they found: money, an open order, nothing', async () => {
    const { reversed, kinds, heard } = reversing((one) => found(one));
    await expect(reversed).resolves.toMatchObject({
      status: 'succeeded',
      effect: 'refunded',
      amount: cny(900),
    });
    expect(kinds()).toEqual(['00/00/000000', '99/01/000000']);
    expect(heard[1]?.fields).toMatchObject({ orderId: 'order001', txnTime });
    await expect(
      reversing((one) => found(one, { origRespCode: '05', settleAmt: '0' })).reversed,
    ).resolves.toMatchObject({ effect: 'closed' });
    await expect(reversing((one) => refusal(one, '34')).reversed).resolves.toMatchObject({
      effect: 'nothing-there',
    });
  });

  it('are in doubt when UnionPay does not know what to reverse', async () => {
    const { channel } = gateway((one) => refusal(one, '34'));
    await expect(channel().reverse(unnamed)).resolves.toMatchObject({
      status: 'unknown',
      doubt: 'not-found',
    });
  });

  it('are of no cancellation', async () => {
    const { channel } = gateway((one) => accepted(one));
    const ref = { noun: 'cancellation', merchantId: 'cancel01', startedAt: now } as const;
    await expect(thrown(channel().reverse(ref))).resolves.toMatchObject({ code: 'UNSUPPORTED' });
  });
});
