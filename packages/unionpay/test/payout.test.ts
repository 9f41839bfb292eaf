import { secret } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import {
  accepted,
  cardNumber,
  cny,
  customerOf,
  found,
  gateway,
  now,
  queryId,
  refusal,
  revealed,
  thrown,
} from './gateway.ts';

const request = {
  merchantPayoutId: 'payout01',
  amount: cny(900),
  purpose: 'A prize',
  payee: { kind: 'bank', account: secret(cardNumber), name: secret('全渠道') },
} as const;
const ref = { noun: 'payout', merchantId: 'payout01', amount: cny(900), startedAt: now } as const;

describe('payouts', () => {
  it('hide the account, and are accepted', async () => {
    const { channel, heard } = gateway((one) => accepted(one, { queryId }));
    const payout = await channel().payout(request);
    expect(payout).toMatchObject({ status: 'pending', pollAfterMs: 180_000 });
    const [{ fields, kind }] = heard as [(typeof heard)[0]];
    expect(kind).toBe('12/00/000401');
    expect(revealed(fields['accNo'])).toBe(cardNumber);
    expect(customerOf(fields)).toEqual({ customerNm: '全渠道' });
    expect(JSON.stringify(payout)).not.toMatch(/全渠道|6216261/);
  });

  it.each(['01', '03', '04', '12', '34', '60'])('are in doubt by %s', async (code) => {
    const { channel } = gateway((one) => refusal(one, code));
    await expect(channel().payout(request)).resolves.toMatchObject({ status: 'unknown' });
  });

  it('tell whose fault it was', async () => {
    const { channel } = gateway((one) => refusal(one, '61'));
    await expect(channel().payout(request)).resolves.toMatchObject({ reason: 'payee-invalid' });
    const poor = gateway((one) => refusal(one, '90')).channel();
    await expect(poor.payout(request)).resolves.toMatchObject({
      reason: 'merchant-funds',
      retry: 'same-id',
    });
    const wallet = { ...request, payee: { kind: 'wallet', id: 'x' } } as const;
    await expect(thrown(channel().payout(wallet))).resolves.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('are asked about, and stay open by what says nothing final', async () => {
    const query = (origRespCode: string) =>
      gateway((one) => found(one, { txnType: '12', txnSubType: '00', origRespCode }))
        .channel()
        .queryPayout(ref);
    await expect(query('00')).resolves.toMatchObject({ status: 'succeeded', amount: cny(900) });
    await expect(query('A6')).resolves.toMatchObject({ status: 'succeeded' });
    for (const code of ['01', '03', '05', '12', '34', '60']) {
      await expect(query(code)).resolves.toMatchObject({ status: 'pending' });
    }
    await expect(query('61')).resolves.toMatchObject({ status: 'failed', reason: 'payee-invalid' });
  });
});
