import { secret } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import { createWechatPayV2Payouts } from '../src/index.ts';
import {
  appId,
  base,
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
    await site.payouts().payout(request);
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

  it('is told on the evidence of TLS alone, and says so', async () => {
    const site = once(made);
    const result = await site.payouts().payout(request);
    expect(site.payouts().capabilities.sealing).toBe('transport');
    expect(result).toMatchObject({
      status: 'succeeded',
      evidence: 'transport',
      amount: cny(500),
      arrivedAt: '2026-11-22T02:49:20.000Z',
      ref: { channelId: '1000018301201505190181489473' },
    });
    expect(JSON.stringify(result)).not.toContain('张三');
  });

  it.each([
    ['another payout', { partner_trade_no: 'payout2' }, 'contradicts-request'],
    ['another merchant', { mchid: '1900000000' }, 'contradicts-request'],
    ['no id', { partner_trade_no: '' }, 'unreadable-reply'],
  ])('is not believed of %s', async (_, fields, doubt) => {
    const answer = { fields: { ...made.fields, ...fields } as Fields };
    const result = await once(answer).payouts().payout(request);
    expect(result).toMatchObject({ status: 'unknown', doubt });
  });

  it('is no verb of the channel whose protocol is signed, and needs the certificate', () => {
    expect(Object.keys(once(made).channel())).not.toContain('payout');
    expect(() => createWechatPayV2Payouts(base as never)).toThrow(/clientCertificate/);
  });

  it.each([
    ['NOTENOUGH', { status: 'failed', reason: 'merchant-funds', retry: 'same-id' }],
    ['NAME_MISMATCH', { status: 'failed', reason: 'payee-invalid' }],
    ['OPENID_ERROR', { status: 'failed', reason: 'payee-invalid' }],
    ['SYSTEMERROR', { status: 'unknown', doubt: 'server-error' }],
    ['SEND_FAILED', { status: 'unknown', doubt: 'server-error' }],
    ['WHO_KNOWS', { status: 'unknown', doubt: 'unreadable-reply' }],
  ])('%s', async (code, expected) => {
    const result = await once(failure(code)).payouts().payout(request);
    expect(result).toMatchObject(expected);
  });

  it.each([
    ['AMOUNT_LIMIT', failure('AMOUNT_LIMIT'), 'limit-exceeded'],
    ['CA_ERROR', failure('CA_ERROR'), 'credential-invalid'],
    ['a wrong sign', rejection('签名错误'), 'credential-invalid'],
  ])('%s is refused', async (_, answer, reason) => {
    const error = await thrown(once(answer).payouts().payout(request));
    expect(error).toMatchObject({ code: 'REFUSED', reason, evidence: 'transport' });
  });

  it('goes to wallets only', async () => {
    const site = once(made);
    const payee = { kind: 'bank', account: secret('6222'), name: secret('张三') } as const;
    expect(await thrown(site.payouts().payout({ ...request, payee }))).toMatchObject({
      code: 'UNSUPPORTED',
      field: 'payee.kind',
    });
    expect(site.heard).toHaveLength(0);
  });
});

describe('queryPayout', () => {
  const ask = (answer: unknown) => once(answer).payouts().queryPayout(ref);
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

  it('tells an end, and that there is none yet', async () => {
    expect(await ask(state('SUCCESS'))).toMatchObject({ status: 'succeeded', amount: cny(500) });
    expect(await ask(state('PROCESSING'))).toMatchObject({ status: 'pending' });
    expect((await thrown(ask(state('DONE')))).code).toBe('REPLY_UNREADABLE');
    const other = told({ ...state('SUCCESS').fields, payment_amount: '5' });
    expect((await thrown(ask(other))).code).toBe('REPLY_UNVERIFIED');
  });

  it('asks as documented', async () => {
    const site = once(failure('NOT_FOUND'));
    await site.payouts().queryPayout(ref);
    expect(site.heard[0]).toMatchObject({
      path: '/mmpaymkttransfers/gettransferinfo',
      fields: { partner_trade_no: 'payout1', mch_id: mchId, appid: appId },
    });
  });
});
