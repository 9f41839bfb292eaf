import { describe, expect, it } from 'vitest';
import { accepted, cny, found, gateway, now, order, queryId, thrown } from './gateway.ts';

const held = {
  noun: 'authorization',
  merchantId: 'order001',
  amount: cny(900),
  channelId: queryId,
  startedAt: now,
  handle: 'u1|p=hold-page',
} as const;

describe('holds', () => {
  it('are handed over as forms, or taken up by an app', async () => {
    const { channel, kinds } = gateway((one) => accepted(one, { tn: '201602141008032671528' }));
    const page = await channel().authorize({ scene: 'page', ...order });
    expect(page).toMatchObject({
      status: 'pending',
      nextAction: { kind: 'form', fields: { txnType: '02', txnSubType: '01' } },
    });
    const app = await channel().authorize({ scene: 'app', ...order });
    expect(app).toMatchObject({ nextAction: { kind: 'sdk' } });
    expect(kinds()).toEqual(['02/01/000201']);
  });

  it('are told with the day on which they end', async () => {
    const { channel } = gateway((one) => found(one, { txnType: '02' }));
    await expect(channel().queryAuthorization(held)).resolves.toMatchObject({
      status: 'succeeded',
      amount: cny(900),
      holdUntil: '2026-12-22T02:49:24.000Z',
    });
    const payment = gateway((one) => found(one))
      .channel()
      .queryAuthorization(held);
    await expect(thrown(payment)).resolves.toMatchObject({ code: 'REPLY_UNVERIFIED' });
  });

  it('are captured once, and undone whole', async () => {
    const { channel, heard, kinds } = gateway((one) => accepted(one, { queryId }));
    const capture = {
      authorization: held,
      merchantPaymentId: 'capture1',
      amount: cny(700),
      final: true,
      description: 'Two nights',
    } as const;
    await expect(channel().capture(capture)).resolves.toMatchObject({
      noun: 'payment',
      status: 'pending',
    });
    await channel().cancelAuthorization({ authorization: held, merchantCancelId: 'release1' });
    const captured = { ...held, noun: 'payment', handle: 'u1|p=capture' } as const;
    await channel().cancelCapture({ payment: captured, merchantCancelId: 'uncaptur' });
    expect(kinds()).toEqual(['03/00/000201', '32/00/000201', '33/00/000201']);
    expect(heard.map(({ fields }) => [fields['txnAmt'], fields['origQryId']])).toEqual([
      ['700', queryId],
      ['900', queryId],
      ['900', queryId],
    ]);
    await expect(thrown(channel().capture({ ...capture, final: false }))).resolves.toMatchObject({
      code: 'UNSUPPORTED',
      field: 'final',
    });
    const part = { authorization: held, merchantCancelId: 'release2', amount: cny(1) };
    await expect(thrown(channel().cancelAuthorization(part))).resolves.toMatchObject({
      code: 'UNSUPPORTED',
    });
    expect(heard).toHaveLength(3);
  });
});
