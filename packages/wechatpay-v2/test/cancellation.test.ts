import { describe, expect, it } from 'vitest';
import {
  cny,
  failure,
  gateway,
  ok,
  paid,
  payment,
  rejection,
  silence,
  state,
  thrown,
} from './gateway.ts';

const scanned = { ...payment, handle: 'w2|barcode' } as const;

describe('close', () => {
  const closing = (first: unknown, second?: unknown) => {
    const site = gateway((_, count) => (count === 1 ? first : second) as never);
    return site.channel().close(payment);
  };

  it('ends an unpaid order', async () => {
    const result = await closing(ok({ result_msg: 'OK' }));
    expect(result).toMatchObject({ status: 'succeeded', evidence: 'signed' });
  });

  it.each([
    ['ORDERPAID', 'SUCCESS', { status: 'failed', reason: 'already-paid' }],
    ['ORDERCLOSED', 'CLOSED', { status: 'succeeded' }],
    ['TRADE_STATE_ERROR', 'NOTPAY', { status: 'unknown', doubt: 'repeated-id' }],
  ] as const)('%s is explained by the order: %s', async (code, name, expected) => {
    expect(await closing(failure(code), state(name))).toMatchObject(expected);
  });

  it('does not know of nothing, nor by the state of another order', async () => {
    expect(await closing(failure('ORDERNOTEXIST'))).toMatchObject({ doubt: 'not-found' });
    const other = state('CLOSED', { out_trade_no: 'order_2' });
    const result = await closing(failure('ORDERCLOSED'), other);
    expect(result).toMatchObject({ status: 'unknown', doubt: 'contradicts-request' });
  });

  it('does not end by the yes to another order', async () => {
    const result = await closing(ok({ out_trade_no: 'order_2' }));
    expect(result).toMatchObject({ status: 'unknown', doubt: 'contradicts-request' });
  });

  it('does not know when the question is refused', async () => {
    const result = await closing(failure('ORDERPAID'), rejection('签名错误'));
    expect(result).toMatchObject({ status: 'unknown', doubt: 'server-error' });
  });
});

describe('reverse', () => {
  const reversing = (answers: readonly unknown[], ref: object = scanned) => {
    const site = gateway((_, count) => answers[count - 1] as never);
    return { site, result: site.channel().reverse(ref as never) };
  };
  const { transaction_id: _id, ...unpaid } = paid;

  it('tells by the order whether it was paid', async () => {
    const done = ok({ recall: 'N' });
    const { site, result } = reversing([done, state('REVOKED')]);
    expect(await result).toMatchObject({
      status: 'succeeded',
      effect: 'refunded',
      amount: cny(900),
    });
    expect(site.paths()).toEqual(['/secapi/pay/reverse', '/pay/orderquery']);
    const closed = reversing([done, ok({ ...unpaid, trade_state: 'REVOKED' })]);
    expect(await closed.result).toMatchObject({ status: 'succeeded', effect: 'closed' });
  });

  it.each([
    ['done', ok({ recall: 'Y' })],
    ['an error', failure('SYSTEMERROR', '', { recall: 'Y' })],
  ])('is to be repeated when told so, with %s', async (_, answer) => {
    const { site, result } = reversing([answer]);
    expect(await result).toMatchObject({ status: 'pending', waitingFor: 'merchant' });
    expect(site.heard).toHaveLength(1);
  });

  it.each([
    ['trouble', failure('SYSTEMERROR', '', { recall: 'N' }), { doubt: 'server-error' }],
    ['silence', silence(), { doubt: 'no-reply' }],
    [
      'an unsigned answer',
      { ...ok({ recall: 'N' }), signed: false },
      { doubt: 'unverified-reply' },
    ],
  ])('is not known of %s', async (_, answer, expected) => {
    expect(await reversing([answer]).result).toMatchObject({ status: 'unknown', ...expected });
  });

  it('fails after its window', async () => {
    const late = reversing([failure('REVERSE_EXPIRE')]);
    expect(await late.result).toMatchObject({ status: 'failed', reason: 'window-passed' });
  });

  const shown = { ...payment, handle: 'w2|qr' } as const;
  const closedNow = ok({ result_msg: 'OK' });
  const accepted = ok({ out_trade_no: 'order_1', out_refund_no: 'order_1', refund_fee: '900' });
  const returned = ok({
    out_refund_no_0: 'order_1',
    refund_fee_0: '900',
    refund_status_0: 'SUCCESS',
  });

  it('closes another order that is open, and gives back what was paid', async () => {
    const open = reversing([ok({ ...unpaid, trade_state: 'NOTPAY' }), closedNow], shown);
    expect(await open.result).toMatchObject({ status: 'succeeded', effect: 'closed' });
    expect(open.site.paths()).toEqual(['/pay/orderquery', '/pay/closeorder']);
    const done = reversing([state('SUCCESS'), accepted, returned], shown);
    expect(await done.result).toMatchObject({ effect: 'refunded', amount: cny(900) });
    expect(done.site.heard[1]).toMatchObject({
      path: '/secapi/pay/refund',
      fields: { out_refund_no: 'order_1', refund_fee: '900', total_fee: '900' },
    });
    const meanwhile = [failure('ORDERPAID'), state('SUCCESS'), accepted, returned];
    const late = reversing([ok({ ...unpaid, trade_state: 'NOTPAY' }), ...meanwhile], shown);
    expect(await late.result).toMatchObject({ status: 'succeeded', effect: 'refunded' });
  });

  it('sends nothing that moves about another order that nobody tells', async () => {
    const blind = reversing([silence()], shown);
    expect((await thrown(blind.result)).code).toBe('NOT_SENT');
    expect(blind.site.heard).toHaveLength(1);
    const lost = reversing([state('SUCCESS'), silence()], shown);
    expect(await lost.result).toMatchObject({ status: 'unknown', doubt: 'no-reply' });
  });

  it('needs the certificate: nginx turns the call down without it', async () => {
    const page = '<html><center>No required SSL certificate was sent</center></html>';
    const { result } = reversing([{ status: 400, body: page }]);
    expect(await thrown(result)).toMatchObject({ code: 'REFUSED', reason: 'credential-invalid' });
    const other = reversing([{ status: 400, body: '<html>400 Bad Request</html>' }]);
    expect(await other.result).toMatchObject({ status: 'unknown', doubt: 'server-error' });
  });
});
