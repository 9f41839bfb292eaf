import { privateDecrypt } from 'node:crypto';
import { secret } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import { failReasonOf } from '../src/payout-codes.ts';
import {
  appId,
  base,
  certificate,
  certificateList,
  cny,
  failure,
  gateway,
  mchId,
  now,
  ok,
  pem,
  platform,
  serials,
  successor,
  thrown,
} from './gateway.ts';

const extra = {
  sceneId: '1000',
  report: [
    { type: '活动名称', content: '新会员有礼' },
    { type: '奖励说明', content: '注册会员抽奖一等奖' },
  ],
} as const;
const request = {
  merchantPayoutId: 'payout1',
  amount: cny(2000),
  purpose: '新会员开通有礼',
  payee: { kind: 'wallet', id: 'oUpF8uMuAJO' },
  extra,
} as const;
const made = {
  out_bill_no: 'payout1',
  transfer_bill_no: '1330000071100999991182020050700019480001',
  create_time: '2026-11-22T10:49:24.120+08:00',
  state: 'ACCEPTED',
} as const;
const bill = {
  ...made,
  mch_id: mchId,
  appid: appId,
  transfer_amount: 2000,
  update_time: made.create_time,
};
const ref = { noun: 'payout', merchantId: 'payout1', amount: cny(2000), startedAt: now } as const;
const answering = (...told: readonly object[]) =>
  gateway((_heard, count) => (told[count - 1] ?? told.at(-1)) as never);

describe('payout', () => {
  it('asks as documented', async () => {
    const site = answering(ok(made));
    const wanted = { ...extra, perception: '现金奖励', style: 'CONFIRM_PAGE' } as const;
    const result = await site.channel().payout({ ...request, extra: wanted });
    expect(result).toMatchObject({ status: 'pending', waitingFor: 'channel', amount: cny(2000) });
    expect(site.heard[0]).toMatchObject({ target: '/v3/fund-app/mch-transfer/transfer-bills' });
    expect(site.heard[0]?.fields).toEqual({
      appid: appId,
      out_bill_no: 'payout1',
      transfer_scene_id: '1000',
      openid: 'oUpF8uMuAJO',
      transfer_amount: 2000,
      transfer_remark: '新会员开通有礼',
      notify_url: base.notifyUrl,
      user_recv_perception: '现金奖励',
      transfer_scene_report_infos: [
        { info_type: '活动名称', info_content: '新会员有礼' },
        { info_type: '奖励说明', info_content: '注册会员抽奖一等奖' },
      ],
      user_recv_style: { type: 'CONFIRM_PAGE' },
    });
  });

  it('hides the payee’s name with the newest certificate, and names it', async () => {
    const list = certificateList([
      [serials.first, certificate(serials.first, platform.publicKey, [-2, 1])],
      [serials.second, certificate(serials.second, successor.publicKey, [-1, 2])],
    ]);
    const byFirst = { key: platform.privateKey, serial: serials.first };
    const site = gateway(({ target }) =>
      target.startsWith('/v3/certificates') ? ok(list, byFirst) : ok(made, byFirst),
    );
    const payee = { ...request.payee, name: secret('张三') };
    const result = await site.channel(base).payout({ ...request, payee });
    expect(result.status).toBe('pending');
    const [, heard] = site.heard;
    expect(heard?.request.headers['wechatpay-serial']).toBe(serials.second);
    const hidden = Buffer.from(String(heard?.fields.user_name), 'base64');
    const key = { key: successor.privateKey, oaepHash: 'sha1' };
    expect(privateDecrypt(key, hidden).toString()).toBe('张三');
    expect(JSON.stringify(result)).not.toContain('张三');
  });

  it('leads the payee to the confirmation', async () => {
    const told = ok({ ...made, state: 'WAIT_USER_CONFIRM', package_info: 'affffddafdfafddffda==' });
    expect(await answering(told).channel().payout(request)).toMatchObject({
      status: 'pending',
      waitingFor: 'payee',
      nextAction: {
        kind: 'sdk',
        parameters: { mchId, appId, package: 'affffddafdfafddffda==' },
      },
    });
  });

  it.each([
    [
      'to a card',
      { payee: { kind: 'bank', account: secret('1'), name: secret('2') } },
      'UNSUPPORTED',
    ],
    ['without a scene', { extra: undefined }, 'REQUEST_INVALID'],
    ['of much without a name', { amount: cny(200_000) }, 'REQUEST_INVALID'],
    ['with a long purpose', { purpose: 'x'.repeat(33) }, 'REQUEST_INVALID'],
    ['with a blank in its number', { merchantPayoutId: 'a b' }, 'REQUEST_INVALID'],
  ])('is not sent %s', async (_what, more, code) => {
    const site = answering(ok(made));
    expect((await thrown(site.channel().payout({ ...request, ...more } as never))).code).toBe(code);
    expect(site.targets()).toHaveLength(0);
  });

  it.each([
    [500, 'SYSTEM_ERROR', 'server-error'],
    [429, 'FREQUENCY_LIMITED', 'server-error'],
    [400, 'ALREADY_EXISTS', 'repeated-id'],
    [400, 'INVALID_REQUEST', 'repeated-id'],
    [403, 'TEAPOT', 'unreadable-reply'],
  ] as const)('is never failed by what proves nothing: %i %s', async (status, code, doubt) => {
    const result = await answering(failure(status, code)).channel().payout(request);
    expect(result).toMatchObject({ status: 'unknown', doubt });
  });

  it('is refused, or fails for want of money, where WeChat Pay says so', async () => {
    const denied = answering(failure(403, 'NO_AUTH')).channel();
    expect((await thrown(denied.payout(request))).reason).toBe('permission-denied');
    const words = { message: '暂不支持展示当前传入的用户收款感知' };
    const wrong = answering(failure(400, 'INVALID_REQUEST', words)).channel();
    expect((await thrown(wrong.payout(request))).reason).toBe('parameter-invalid');
    expect(await answering(failure(403, 'NOT_ENOUGH')).channel().payout(request)).toMatchObject({
      status: 'failed',
      reason: 'merchant-funds',
      retry: 'same-id',
    });
  });

  it('believes no answer about another payout', async () => {
    const told = ok({ ...made, out_bill_no: 'payout2' });
    expect(await answering(told).channel().payout(request)).toMatchObject({
      status: 'unknown',
      doubt: 'contradicts-request',
    });
  });
});

describe('queryPayout', () => {
  const ask = (more: object) =>
    answering(ok({ ...bill, ...more }))
      .channel()
      .queryPayout(ref);

  it.each([
    ['ACCEPTED', { status: 'pending', waitingFor: 'channel' }],
    ['PROCESSING', { status: 'pending', waitingFor: 'channel' }],
    ['WAIT_USER_CONFIRM', { status: 'pending', waitingFor: 'payee' }],
    ['TRANSFERING', { status: 'pending', waitingFor: 'channel' }],
    ['SUCCESS', { status: 'succeeded', amount: cny(2000), arrivedAt: '2026-11-22T02:49:24.120Z' }],
    ['FAIL', { status: 'failed', reason: 'other', retry: 'new-id' }],
    ['CANCELING', { status: 'pending', waitingFor: 'channel' }],
    ['CANCELLED', { status: 'failed', reason: 'cancelled', retry: 'new-id' }],
  ])('reads %s', async (state, expected) => {
    expect(await ask({ state })).toMatchObject(expected);
  });

  it('tells why a payout failed', async () => {
    expect(await ask({ state: 'FAIL', fail_reason: 'REAL_NAME_CHECK_FAIL' })).toMatchObject({
      reason: 'payee-invalid',
      channelCode: 'REAL_NAME_CHECK_FAIL',
    });
    expect(failReasonOf('BANK_CARD_CLOSED').reason).toBe('payee-invalid');
    expect(failReasonOf('RESERVATION_X').reason).toBe('other');
    expect(failReasonOf('constructor').reason).toBe('other');
    expect(failReasonOf()).toEqual({ reason: 'other' });
  });

  it('believes neither another amount, nor another merchant, nor a success of nothing', async () => {
    expect((await thrown(ask({ transfer_amount: 2001 }))).code).toBe('REPLY_UNVERIFIED');
    expect((await thrown(ask({ mch_id: '1900000001' }))).code).toBe('REPLY_UNVERIFIED');
    const nothing = ask({ state: 'SUCCESS', transfer_amount: undefined });
    expect((await thrown(nothing)).code).toBe('REPLY_UNREADABLE');
    expect((await thrown(ask({ state: 'TEAPOT' }))).code).toBe('REPLY_UNREADABLE');
  });

  it('finds nothing, without proving it', async () => {
    const result = await answering(failure(404, 'NOT_FOUND')).channel().queryPayout(ref);
    expect(result).toMatchObject({ status: 'unknown', doubt: 'not-found' });
  });
});

describe('cancelPayout', () => {
  it('tells the payout as it then stands', async () => {
    const site = answering(ok({ ...made, state: 'CANCELLED' }));
    expect(await site.channel().cancelPayout(ref)).toMatchObject({
      status: 'failed',
      reason: 'cancelled',
    });
    expect(site.targets()).toEqual([
      'POST /v3/fund-app/mch-transfer/transfer-bills/out-bill-no/payout1/cancel',
    ]);
    expect(site.heard[0]?.request.body).toBeUndefined();
    const later = answering(ok({ ...made, state: 'CANCELING' })).channel();
    expect(await later.cancelPayout(ref)).toMatchObject({
      status: 'pending',
      waitingFor: 'channel',
    });
  });

  it('looks up what can no longer be cancelled', async () => {
    const site = answering(failure(400, 'INVALID_REQUEST'), ok({ ...bill, state: 'SUCCESS' }));
    expect(await site.channel().cancelPayout(ref)).toMatchObject({ status: 'succeeded' });
    expect(site.targets()).toHaveLength(2);
  });

  it('knows that a payout nobody knows can still become one', async () => {
    const result = await answering(failure(404, 'NOT_FOUND')).channel().cancelPayout(ref);
    expect(result).toMatchObject({ status: 'unknown', doubt: 'not-found' });
  });
});

describe('balance', () => {
  it('asks about every configured account', async () => {
    const site = answering(
      ok({ available_amount: 100, pending_amount: 20 }),
      ok({ available_amount: 0 }),
    );
    const config = {
      ...base,
      publicKey: { id: 'PUB_KEY_ID_0114232134912410000000000000', key: pem(platform.publicKey) },
    };
    const balances = await site
      .channel({ ...config, balanceAccounts: ['BASIC', 'OPERATION'] })
      .balance();
    expect(balances).toEqual([
      { account: 'BASIC', available: cny(100), pending: cny(20), asOf: now },
      { account: 'OPERATION', available: cny(0), asOf: now },
    ]);
    expect(site.targets()).toEqual([
      'GET /v3/merchant/fund/balance/BASIC',
      'GET /v3/merchant/fund/balance/OPERATION',
    ]);
  });

  it('believes nothing that is not signed', async () => {
    const forged = ok({ available_amount: 1_000_000 }, { signed: false });
    expect((await thrown(answering(forged).channel().balance())).code).toBe('REPLY_UNVERIFIED');
  });

  it('throws what is no answer', async () => {
    const codes = [failure(403, 'NO_AUTH'), failure(500, 'SYSTEM_ERROR'), ok({})].map(
      async (told) => (await thrown(answering(told).channel().balance())).code,
    );
    expect(await Promise.all(codes)).toEqual(['REFUSED', 'UNAVAILABLE', 'REPLY_UNREADABLE']);
  });
});
