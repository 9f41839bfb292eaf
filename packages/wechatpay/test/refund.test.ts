import { describe, expect, it } from 'vitest';
import { cny, failure, gateway, mchId, now, ok, payment, thrown, transaction } from './gateway.ts';

const refundBody = {
  refund_id: '50000000382019052709732678859',
  out_refund_no: 'refund_1',
  transaction_id: transaction.transaction_id,
  out_trade_no: 'order_1',
  channel: 'ORIGINAL',
  user_received_account: '支付用户零钱',
  create_time: '2026-11-22T10:49:24+08:00',
  status: 'PROCESSING',
  amount: { total: 900, refund: 300, currency: 'CNY' },
} as const;
const request = { payment, merchantRefundId: 'refund_1', amount: cny(300) } as const;
const ref = { noun: 'refund', merchantId: 'refund_1', amount: cny(300), startedAt: now } as const;
const answering = (...told: readonly object[]) =>
  gateway((_heard, count) => (told[count - 1] ?? told.at(-1)) as never);

describe('refund', () => {
  it('asks as documented', async () => {
    const site = answering(ok(refundBody));
    const result = await site.channel().refund({
      ...request,
      note: '商品已售完',
      extra: { fundsAccount: 'AVAILABLE', notifyUrl: 'https://shop.example/refund' },
    });
    expect(site.heard[0]).toMatchObject({
      method: 'POST',
      target: '/v3/refund/domestic/refunds',
      fields: {
        out_trade_no: 'order_1',
        out_refund_no: 'refund_1',
        reason: '商品已售完',
        notify_url: 'https://shop.example/refund',
        funds_account: 'AVAILABLE',
        amount: { refund: 300, total: 900, currency: 'CNY' },
      },
    });
    expect(result).toMatchObject({
      status: 'pending',
      waitingFor: 'channel',
      evidence: 'signed',
      amount: cny(300),
      ref: { channelId: refundBody.refund_id },
    });
  });

  it('asks what was paid where the reference does not say', async () => {
    const { amount: _none, ...unknownAmount } = payment;
    const site = answering(ok(transaction), ok(refundBody));
    await site.channel().refund({ ...request, payment: unknownAmount });
    expect(site.targets()[0]).toBe(`GET /v3/pay/transactions/out-trade-no/order_1?mchid=${mchId}`);
    expect(site.heard[1]?.fields.amount).toMatchObject({ refund: 300, total: 900 });
    const gone = answering(failure(404, 'ORDER_NOT_EXIST'));
    const error = await thrown(gone.channel().refund({ ...request, payment: unknownAmount }));
    expect(error.code).toBe('NOT_SENT');
    expect(gone.targets()).toHaveLength(1);
  });

  it.each([
    ['SUCCESS', { status: 'succeeded', amount: cny(300) }],
    ['ABNORMAL', { status: 'pending', waitingFor: 'merchant' }],
    ['CLOSED', { status: 'failed', reason: 'other', retry: 'new-id' }],
    ['TEAPOT', { status: 'unknown', doubt: 'unreadable-reply' }],
  ])('reads %s', async (status, expected) => {
    const result = await answering(ok({ ...refundBody, status }))
      .channel()
      .refund(request);
    expect(result).toMatchObject(expected);
  });

  it.each([
    ['another refund', { ...refundBody, out_refund_no: 'refund_2' }],
    ['another order', { ...refundBody, out_trade_no: 'order_2' }],
    ['another amount', { ...refundBody, amount: { ...refundBody.amount, refund: 301 } }],
    ['another currency', { ...refundBody, amount: { ...refundBody.amount, currency: 'USD' } }],
  ])('believes no answer about %s', async (_what, body) => {
    const result = await answering(ok(body)).channel().refund(request);
    expect(result).toMatchObject({ status: 'unknown', doubt: 'contradicts-request' });
  });

  it.each([
    ['NOT_ENOUGH', 403, 'merchant-funds', 'same-id'],
    ['NOTENOUGH', 403, 'merchant-funds', 'same-id'],
    ['USER_ACCOUNT_ABNORMAL', 403, 'instrument-invalid', 'never'],
    ['REQUEST_BLOCKED', 403, 'risk-blocked', 'never'],
    ['TRADE_OVERDUE', 400, 'window-passed', 'never'],
  ])('fails with %s', async (code, status, reason, retry) => {
    const result = await answering(failure(status, code)).channel().refund(request);
    expect(result).toMatchObject({ status: 'failed', reason, retry, evidence: 'transport' });
  });

  it.each([
    ['SYSTEM_ERROR', 500],
    ['FREQUENCY_LIMITED', 429],
    ['SERVICE_UNAVAILABLE', 503],
  ])('is unknown after %s: it may have been accepted', async (code, status) => {
    const site = answering(failure(status, code));
    const result = await site.channel().refund(request);
    expect(result).toMatchObject({ status: 'unknown', doubt: 'server-error' });
    expect(site.targets()).toHaveLength(1);
  });

  it.each(['REFUND_FEE_MISMATCH', 'PARAM_ERROR'])('is refused with %s', async (code) => {
    const error = await thrown(answering(failure(400, code)).channel().refund(request));
    expect(error).toMatchObject({ code: 'REFUSED', reason: 'parameter-invalid' });
  });

  it('looks up what was turned down for a reason that may be its id', async () => {
    const down = failure(400, 'INVALID_REQUEST', { message: '申请退款金额与之前不一致' });
    const refunding = (second: object) => answering(down, second).channel().refund(request);
    expect(await refunding(ok(refundBody))).toMatchObject({ status: 'pending', amount: cny(300) });
    const other = ok({ ...refundBody, amount: { ...refundBody.amount, refund: 100 } });
    expect(await thrown(refunding(other))).toMatchObject({ code: 'REFUSED', reason: 'id-reused' });
    const none = failure(404, 'RESOURCE_NOT_EXISTS');
    expect(await thrown(refunding(none))).toMatchObject({
      code: 'REFUSED',
      reason: 'parameter-invalid',
      channelCode: 'INVALID_REQUEST',
    });
    const lost = await refunding(failure(403, 'NO_AUTH'));
    expect(lost).toMatchObject({ status: 'unknown', doubt: 'server-error' });
  });

  it('has bounds of its own', async () => {
    const site = answering(ok(refundBody));
    const long = { ...request, note: 'x'.repeat(81) };
    expect((await thrown(site.channel().refund(long))).field).toBe('note');
    const extra = { notifyUrl: 'https://shop.example/?a' };
    expect((await thrown(site.channel().refund({ ...request, extra }))).field).toBe(
      'extra.notifyUrl',
    );
    expect(site.targets()).toHaveLength(0);
  });
});

describe('queryRefund', () => {
  it('asks by the merchant’s id alone', async () => {
    const told = { ...refundBody, status: 'SUCCESS', success_time: '2026-11-22T10:50:00+08:00' };
    const site = answering(ok({ ...told, out_refund_no: 'a|b@c' }));
    const result = await site.channel().queryRefund({ ...ref, merchantId: 'a|b@c' });
    expect(site.targets()).toEqual(['GET /v3/refund/domestic/refunds/a%7Cb%40c']);
    expect(result).toMatchObject({ status: 'succeeded', arrivedAt: '2026-11-22T02:50:00.000Z' });
  });

  it('finds nothing, without proving it', async () => {
    const result = await answering(failure(404, 'RESOURCE_NOT_EXISTS')).channel().queryRefund(ref);
    expect(result).toMatchObject({ status: 'unknown', doubt: 'not-found', evidence: 'transport' });
  });

  it('believes no answer about another refund', async () => {
    const told = ok({ ...refundBody, out_refund_no: 'refund_2' });
    expect((await thrown(answering(told).channel().queryRefund(ref))).code).toBe(
      'REPLY_UNVERIFIED',
    );
  });
});
