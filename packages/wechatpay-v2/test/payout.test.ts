import { secret } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import {
  appId,
  cny,
  type Fields,
  failure,
  gateway,
  mchId,
  now,
  rejection,
  thrown,
} from './gateway.ts';

const request = {
  merchantPayoutId: 'payout1',
  amount: cny(500),
  purpose: 'a prize',
  payee: { kind: 'wallet', id: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o', name: secret('张三') },
} as const;
const ref = { noun: 'payout', merchantId: 'payout1', amount: cny(500), startedAt: now } as const;
/** Without sign, as the protocol has it. */
const told = (fields: Fields) => ({
  fields: { return_code: 'SUCCESS', return_msg: '', result_code: 'SUCCESS', ...fields },
});
const made = told({
  mch_appid: appId,
  mchid: mchId,
  partner_trade_no: 'payout1',
  payment_no: '1000018301201505190181489473',
  payment_time: '2026-11-22 10:49:20',
});
const once = (answer: unknown) => gateway(() => answer as never);

describe('payout', () => {
  it('asks as documented, by MD5 whatever is configured', async () => {
    const site = once(made);
    await site.channel().payout(request);
    const { nonce_str: _nonce, sign, ...fields } = site.heard[0]?.fields ?? {};
    expect(sign).toHaveLength(32);
    expect(site.heard[0]?.path).toBe('/mmpaymkttransfers/promotion/transfers');
    expect(fields).toEqual({
      mch_appid: appId,
      mchid: mchId,
      partner_trade_no: 'payout1',
      openid: request.payee.id,
      check_name: 'FORCE_CHECK',
      re_user_name: '张三',
      amount: '500',
      desc: 'a prize',
      spbill_create_ip: '127.0.0.1',
    });
  });

  it('is never proved by an answer that nobody signed', async () => {
    const result = await once(made).channel().payout(request);
    expect(result).toMatchObject({
      status: 'unknown',
      doubt: 'unverified-reply',
      evidence: 'transport',
    });
    expect(result.raw).toMatchObject({ payment_no: '1000018301201505190181489473' });
    expect(JSON.stringify(result)).not.toContain('张三');
  });

  it.each([
    ['NOTENOUGH', { status: 'failed', reason: 'merchant-funds', retry: 'same-id' }],
    ['NAME_MISMATCH', { status: 'failed', reason: 'payee-invalid' }],
    ['OPENID_ERROR', { status: 'failed', reason: 'payee-invalid' }],
    ['SYSTEMERROR', { status: 'unknown', doubt: 'server-error' }],
    ['SEND_FAILED', { status: 'unknown', doubt: 'server-error' }],
    ['WHO_KNOWS', { status: 'unknown', doubt: 'unreadable-reply' }],
  ])('%s', async (code, expected) => {
    const result = await once(failure(code)).channel().payout(request);
    expect(result).toMatchObject(expected);
  });

  it.each([
    ['AMOUNT_LIMIT', failure('AMOUNT_LIMIT'), 'limit-exceeded'],
    ['CA_ERROR', failure('CA_ERROR'), 'credential-invalid'],
    ['a wrong sign', rejection('签名错误'), 'credential-invalid'],
  ])('%s is refused', async (_, answer, reason) => {
    const error = await thrown(once(answer).channel().payout(request));
    expect(error).toMatchObject({ code: 'REFUSED', reason, evidence: 'transport' });
  });

  it('goes to wallets only', async () => {
    const site = once(made);
    const payee = { kind: 'bank', account: secret('6222'), name: secret('张三') } as const;
    expect(await thrown(site.channel().payout({ ...request, payee }))).toMatchObject({
      code: 'UNSUPPORTED',
      field: 'payee.kind',
    });
    expect(site.heard).toHaveLength(0);
  });
});

describe('queryPayout', () => {
  const ask = (answer: unknown) => once(answer).channel().queryPayout(ref);
  const state = (status: string) =>
    told({
      mch_id: mchId,
      appid: appId,
      partner_trade_no: 'payout1',
      detail_id: '1',
      status,
      payment_amount: '500',
    });

  it('tells a failure, and that nothing is there', async () => {
    expect(await ask(state('FAILED'))).toMatchObject({ status: 'failed', evidence: 'transport' });
    expect(await ask(failure('NOT_FOUND'))).toMatchObject({ doubt: 'not-found' });
  });

  it.each(['SUCCESS', 'PROCESSING'])('%s without a sign proves nothing', async (status) => {
    expect((await thrown(ask(state(status)))).code).toBe('REPLY_UNVERIFIED');
  });

  it('asks as documented', async () => {
    const site = once(failure('NOT_FOUND'));
    await site.channel().queryPayout(ref);
    expect(site.heard[0]).toMatchObject({
      path: '/mmpaymkttransfers/gettransferinfo',
      fields: { partner_trade_no: 'payout1', mch_id: mchId, appid: appId },
    });
  });
});
