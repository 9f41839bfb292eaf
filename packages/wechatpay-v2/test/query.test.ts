import { describe, expect, it } from 'vitest';
import {
  apiKey,
  cny,
  type Fields,
  failure,
  gateway,
  ok,
  paid,
  payment,
  rejection,
  signOf,
  silence,
  state,
  thrown,
  xmlOf,
} from './gateway.ts';

describe('query', () => {
  const ask = (answer: unknown, ref: object = payment) =>
    gateway(() => answer as never)
      .channel()
      .query(ref as never);
  const { transaction_id: _id, time_end: _end, ...unpaid } = paid;

  it.each([
    ['SUCCESS', paid, { status: 'succeeded', payer: { id: paid.openid } }],
    ['REVOKED', paid, { status: 'succeeded', undone: { by: 'reversal', amount: cny(900) } }],
    ['NOTPAY', unpaid, { status: 'pending', waitingFor: 'payer' }],
    ['USERPAYING', unpaid, { status: 'pending', waitingFor: 'payer' }],
    ['ACCEPT', unpaid, { status: 'pending', waitingFor: 'channel' }],
    ['CLOSED', unpaid, { status: 'failed', reason: 'order-closed' }],
    ['REVOKED', unpaid, { status: 'failed', reason: 'cancelled' }],
    ['PAYERROR', unpaid, { status: 'failed', reason: 'other' }],
    ['PAY_FAIL', unpaid, { status: 'failed', reason: 'other' }],
  ] as const)('%s', async (name, fields, expected) => {
    const answer = ok({ ...fields, trade_state: name });
    expect(await ask(answer)).toMatchObject({ ...expected, evidence: 'signed' });
  });

  const refunds = (
    ...amounts: readonly (readonly [fee: number, status: string, id?: string])[]
  ) => {
    const fields = amounts.flatMap(([fee, status, id], at) => [
      [`out_refund_no_${at}`, id ?? `refund_${at}`],
      [`refund_fee_${at}`, String(fee)],
      [`refund_status_${at}`, status],
    ]);
    return ok({ out_trade_no: 'order_1', ...Object.fromEntries(fields) });
  };
  const refunded = (...answers: readonly unknown[]) => {
    const site = gateway((_, count) => [state('REFUND'), ...answers][count - 1] as never);
    return { site, result: site.channel().query(payment) };
  };

  it('adds up what was given back of an order that says so', async () => {
    const some = refunded(refunds([100, 'SUCCESS'], [50, 'PROCESSING'], [200, 'SUCCESS']));
    expect(await some.result).toMatchObject({
      status: 'succeeded',
      amount: cny(900),
      undone: { by: 'refund', amount: cny(300) },
    });
    expect(some.site.heard[1]).toMatchObject({
      path: '/pay/refundquery',
      fields: { out_trade_no: 'order_1' },
    });
    const all = refunded(refunds([900, 'SUCCESS', 'order_1']));
    expect(await all.result).toMatchObject({ undone: { by: 'reversal', amount: cny(900) } });
    const none = await refunded(refunds([100, 'PROCESSING'])).result;
    expect(none).not.toHaveProperty('undone');
  });

  it('asks on where ten refunds are told', async () => {
    const ten = Array.from({ length: 10 }, () => [10, 'SUCCESS'] as const);
    const { site, result } = refunded(refunds(...ten), refunds([1, 'SUCCESS']));
    expect(await result).toMatchObject({ undone: { amount: cny(101) } });
    expect(site.heard[2]?.fields).toMatchObject({ offset: '10' });
  });

  it.each([
    ['silence', silence(), 'UNAVAILABLE'],
    ['a refusal', rejection('签名错误'), 'UNAVAILABLE'],
    ['the refunds of another order', ok({ out_trade_no: 'order_2' }), 'REPLY_UNVERIFIED'],
    ['more than was paid', refunds([901, 'SUCCESS']), 'REPLY_UNVERIFIED'],
  ])('does not tell what was given back on %s', async (_, answer, code) => {
    expect((await thrown(refunded(answer).result)).code).toBe(code);
  });

  it('of nothing there is a reading', async () => {
    const result = await ask(failure('ORDERNOTEXIST', '订单不存在'));
    expect(result).toMatchObject({ status: 'unknown', doubt: 'not-found' });
  });

  it('asks by WeChat Pay’s number where the merchant’s id is none of an order', async () => {
    const site = gateway(() => state('SUCCESS'));
    const ref = { ...payment, merchantId: 'x y', channelId: '4200001234' } as const;
    await thrown(site.channel().query(ref as never));
    expect(site.heard[0]?.fields).toMatchObject({ transaction_id: '4200001234' });
    expect(site.heard[0]?.fields['out_trade_no']).toBeUndefined();
  });

  it.each([
    ['a paid order without its number', { transaction_id: '' }, 'REPLY_UNREADABLE'],
    ['an amount that is none', { total_fee: '9.00' }, 'REPLY_UNREADABLE'],
    ['another order', { out_trade_no: 'order_2' }, 'REPLY_UNVERIFIED'],
    ['another amount', { total_fee: '901' }, 'REPLY_UNVERIFIED'],
    ['a state nobody documents', { trade_state: 'PAID' }, 'REPLY_UNREADABLE'],
  ])('believes nothing of %s', async (_, fields, code) => {
    expect((await thrown(ask(state('SUCCESS', fields as Fields)))).code).toBe(code);
  });

  it.each([
    [
      'an element that stands twice',
      (xml: string) => xml.replace('<total_fee>', '<total_fee>1</total_fee><total_fee>'),
    ],
    ['a document type', (xml: string) => `<!DOCTYPE x [<!ENTITY a "b">]>${xml}`],
    [
      'another sign_type in the message',
      (xml: string) => xml.replace('<xml>', '<xml><sign_type>MD5</sign_type>'),
    ],
    ['one byte changed', (xml: string) => xml.replace('900', '901')],
  ])('believes nothing of %s', async (_, tamper) => {
    const fields = { ...state('SUCCESS').fields } as Fields;
    const body = tamper(xmlOf({ ...fields, sign: signOf(fields) }));
    const error = await thrown(ask({ body }));
    expect(error.code).toMatch(/^REPLY_UN(?:READABLE|VERIFIED)$/);
    const genuine = await ask({ body: xmlOf({ ...fields, sign: signOf(fields) }) });
    expect(genuine.status).toBe('succeeded');
  });

  it.each(['MD5', 'HMAC-SHA256'] as const)(
    'believes no sign_type of a message, signed by %s',
    async (signType) => {
      const fields = { ...state('SUCCESS').fields, sign_type: 'MD5' } as Fields;
      const error = await thrown(ask({ fields, signType }));
      expect(error).toMatchObject({ code: 'REPLY_UNVERIFIED', doubt: 'unverified-reply' });
    },
  );

  it('shows no secret of the answer', async () => {
    const result = await ask(state('SUCCESS'));
    expect(JSON.stringify(result)).not.toMatch(/[0-9A-F]{64}/);
    expect(JSON.stringify(result)).not.toContain(apiKey);
  });
});
