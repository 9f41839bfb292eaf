import { describe, expect, it } from 'vitest';
import {
  appId,
  base,
  cny,
  type Fields,
  failure,
  full,
  gateway,
  mchId,
  now,
  ok,
  payment,
  silence,
  state,
  thrown,
} from './gateway.ts';

const request = {
  payment,
  merchantRefundId: 'refund_1',
  amount: cny(300),
  note: 'cold tea',
} as const;
const ref = {
  noun: 'refund',
  merchantId: 'refund_1',
  amount: cny(300),
  startedAt: now,
} as const;
const made = ok({
  transaction_id: '4200001234202611220000000001',
  out_trade_no: 'order_1',
  out_refund_no: 'refund_1',
  refund_id: '50000708942018111907139970211',
  refund_fee: '300',
  total_fee: '900',
  cash_fee: '900',
});
const numbered = (name: string, at = 0, more: Fields = {}) =>
  ok({
    out_trade_no: 'order_1',
    total_fee: '900',
    refund_count: String(at + 1),
    [`out_refund_no_${at}`]: 'refund_1',
    [`refund_id_${at}`]: '50000708942018111907139970211',
    [`refund_fee_${at}`]: '300',
    [`refund_status_${at}`]: name,
    [`refund_success_time_${at}`]: '2026-11-22 10:49:20',
    ...more,
  });
const sequence = (...answers: readonly unknown[]) =>
  gateway((_, count) => answers[count - 1] as never);

describe('refund', () => {
  it('asks as documented, and is accepted, not made', async () => {
    const site = sequence(made);
    const result = await site.channel().refund({ ...request, extra: { source: 'RECHARGE' } });
    expect(result).toMatchObject({
      status: 'pending',
      waitingFor: 'channel',
      evidence: 'signed',
      amount: cny(300),
      ref: { merchantId: 'refund_1', channelId: '50000708942018111907139970211' },
    });
    const { nonce_str: _nonce, sign: _sign, ...fields } = site.heard[0]?.fields ?? {};
    expect(site.heard[0]?.path).toBe('/secapi/pay/refund');
    expect(fields).toEqual({
      appid: appId,
      mch_id: mchId,
      sign_type: 'HMAC-SHA256',
      out_trade_no: 'order_1',
      out_refund_no: 'refund_1',
      total_fee: '900',
      refund_fee: '300',
      refund_fee_type: 'CNY',
      refund_desc: 'cold tea',
      refund_account: 'REFUND_SOURCE_RECHARGE_FUNDS',
      notify_url: base.notifyUrl,
    });
  });

  it('asks what was paid where the reference does not say, before anything moves', async () => {
    const { amount: _none, ...unpriced } = payment;
    const site = sequence(state('SUCCESS'), made);
    await site.channel().refund({ ...request, payment: unpriced });
    expect(site.paths()).toEqual(['/pay/orderquery', '/secapi/pay/refund']);
    expect(site.heard[1]?.fields['total_fee']).toBe('900');
    const blind = sequence(silence());
    const error = await thrown(blind.channel().refund({ ...request, payment: unpriced }));
    expect(error.code).toBe('NOT_SENT');
  });

  it.each([
    ['another order', { out_trade_no: 'order_2' }],
    ['another refund', { out_refund_no: 'refund_2' }],
    ['another amount', { refund_fee: '900' }],
  ])('is not believed of %s', async (_, fields) => {
    const answer = ok({ ...made.fields, ...fields } as Fields);
    const result = await sequence(answer).channel().refund(request);
    expect(result).toMatchObject({ status: 'unknown', doubt: 'contradicts-request' });
  });

  it.each([
    ['SYSTEMERROR', { status: 'unknown', doubt: 'server-error' }],
    ['BIZERR_NEED_RETRY', { status: 'unknown', doubt: 'server-error' }],
    ['NOTENOUGH', { status: 'failed', reason: 'merchant-funds', retry: 'same-id' }],
    ['USER_ACCOUNT_ABNORMAL', { status: 'failed', reason: 'instrument-invalid' }],
    ['TRADE_OVERDUE', { status: 'failed', reason: 'window-passed' }],
  ])('%s', async (code, expected) => {
    expect(await sequence(failure(code)).channel().refund(request)).toMatchObject(expected);
  });

  it('that was throttled is refused, with the pause it wants', async () => {
    const blocked = sequence(failure('INVALID_REQ_TOO_MUCH')).channel().refund(request);
    expect(await thrown(blocked)).toMatchObject({
      code: 'REFUSED',
      reason: 'rate-limited',
      retryAfterMs: 60_000,
    });
  });

  it('turned down in words is what its query says', async () => {
    const words = failure('ERROR', '订单已全额退款');
    const before = await sequence(words, numbered('PROCESSING')).channel().refund(request);
    expect(before).toMatchObject({ status: 'pending', amount: cny(300) });
    const never = sequence(words, failure('REFUNDNOTEXIST')).channel().refund(request);
    expect(await thrown(never)).toMatchObject({ code: 'REFUSED', reason: 'refund-exceeds' });
    const other = numbered('SUCCESS', 0, { refund_fee_0: '200' });
    const reused = sequence(failure('PARAM_ERROR'), other).channel().refund(request);
    expect(await thrown(reused)).toMatchObject({ code: 'REFUSED', reason: 'id-reused' });
    const lost = await sequence(words, silence()).channel().refund(request);
    expect(lost).toMatchObject({ status: 'unknown', doubt: 'no-reply' });
  });

  it('is no verb of a channel without a certificate', () => {
    const { clientCertificate: _none, ...config } = full;
    const channel = sequence().channel(config as never);
    expect(Object.keys(channel)).not.toContain('refund');
    expect(Object.keys(channel)).not.toContain('payout');
    expect(Object.keys(channel)).toContain('queryRefund');
  });
});

describe('queryRefund', () => {
  const ask = (answer: unknown) => sequence(answer).channel().queryRefund(ref);

  it.each([
    ['SUCCESS', { status: 'succeeded', arrivedAt: '2026-11-22T02:49:20.000Z' }],
    ['PROCESSING', { status: 'pending', waitingFor: 'channel' }],
    ['CHANGE', { status: 'pending', waitingFor: 'merchant' }],
    ['REFUNDCLOSE', { status: 'failed', retry: 'new-id' }],
  ])('%s', async (name, expected) => {
    expect(await ask(numbered(name))).toMatchObject({ ...expected, amount: cny(300) });
  });

  it('finds the refund among several, and believes no answer without it', async () => {
    const several = numbered('SUCCESS', 3, { out_refund_no_0: 'refund_0', refund_fee_0: '1' });
    expect(await ask(several)).toMatchObject({ status: 'succeeded', amount: cny(300) });
    const without = numbered('SUCCESS', 0, { out_refund_no_0: 'refund_0' });
    expect((await thrown(ask(without))).code).toBe('REPLY_UNVERIFIED');
    expect((await thrown(ask(numbered('DONE')))).code).toBe('REPLY_UNREADABLE');
  });

  it('of nothing there is a reading', async () => {
    const result = await ask(failure('REFUNDNOTEXIST'));
    expect(result).toMatchObject({ status: 'unknown', doubt: 'not-found' });
  });
});
