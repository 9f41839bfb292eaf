import { describe, expect, it } from 'vitest';
import { scheduleDeduction } from '../src/index.ts';
import {
  appId,
  cny,
  failure,
  gateway,
  keyConfig,
  mchId,
  now,
  ok,
  order,
  thrown,
} from './gateway.ts';

const config = { ...keyConfig, papay: { planId: 12535 } } as const;
const answering = (...told: readonly object[]) => {
  const site = gateway((_heard, count) => (told[count - 1] ?? told.at(-1)) as never);
  return { site, channel: site.channel(config) };
};
const extra = {
  displayAccount: '微信代扣',
  schedule: { date: '2026-12-01', amount: cny(900), description: '首月会员' },
} as const;
const signing = { scene: 'page', merchantAgreementId: 'contract1', extra } as const;
const contract = {
  mchid: mchId,
  appid: appId,
  contract_id: '202611220001',
  plan_id: 12535,
  out_contract_code: 'contract1',
  contract_state: 'SIGNED',
  contract_signed_time: '2026-11-22T10:49:00+08:00',
  contract_expired_time: '2027-11-22T10:49:00+08:00',
} as const;
const ref = {
  noun: 'agreement',
  merchantId: 'contract1',
  startedAt: now,
  handle: 'w1|plan|12535',
} as const;

describe('signUp', () => {
  it('leads the payer to a page', async () => {
    const url = 'https://payapp.weixin.qq.com/papay/x';
    const { site, channel } = answering(ok({ redirect_url: url }));
    expect(await channel.signUp(signing)).toMatchObject({
      noun: 'agreement',
      status: 'pending',
      waitingFor: 'payer',
      nextAction: { kind: 'redirect', url },
      ref: { handle: 'w1|plan|12535' },
    });
    expect(site.heard[0]?.target).toBe(
      '/v3/papay/scheduled-deduct-sign/contracts/pre-entrust-sign/h5',
    );
    expect(site.heard[0]?.fields).toEqual({
      appid: appId,
      plan_id: 12535,
      out_contract_code: 'contract1',
      contract_display_account: '微信代扣',
      contract_notify_url: config.notifyUrl,
      deduct_schedule: {
        estimated_deduct_date: '2026-12-01',
        estimated_deduct_amount: { total: 900, currency: 'CNY' },
        description: '首月会员',
      },
    });
  });

  it('leads an app to the wallet', async () => {
    const told = {
      pre_entrustweb_id: '5778aadbc38f9f',
      miniprogram_username: 'gh_1',
      miniprogram_path: 'pages/x',
    };
    const { channel } = answering(ok(told));
    const result = await channel.signUp({ ...signing, scene: 'app' });
    expect(result).toMatchObject({
      nextAction: { kind: 'sdk', parameters: { preEntrustwebId: '5778aadbc38f9f' } },
    });
  });

  it('is there with papay only, and wants what the wallet shows', async () => {
    expect(gateway(() => ok({})).channel()).not.toHaveProperty('signUp');
    const { site, channel } = answering(ok({}));
    const { extra: _none, ...bare } = signing;
    expect((await thrown(channel.signUp(bare))).field).toBe('extra');
    const back = { ...signing, returnUrl: 'https://shop.example' };
    expect((await thrown(channel.signUp(back))).field).toBe('returnUrl');
    expect(site.targets()).toHaveLength(0);
  });
});

describe('querySignUp', () => {
  it('asks by plan and merchant’s id', async () => {
    const { site, channel } = answering(ok(contract));
    expect(await channel.querySignUp(ref)).toMatchObject({
      status: 'succeeded',
      standing: 'active',
      validUntil: '2027-11-22T02:49:00.000Z',
      ref: { channelId: '202611220001' },
    });
    expect(site.targets()).toEqual([
      'GET /v3/papay/sign/contracts/plan-id/12535/out-contract-code/contract1',
    ]);
  });

  it.each([
    ['TERMINATED', { status: 'succeeded', standing: 'ended' }],
    ['SIGN_FAILED', { status: 'failed', retry: 'new-id' }],
  ])('reads %s', async (state, expected) => {
    const { channel } = answering(ok({ ...contract, contract_state: state }));
    expect(await channel.querySignUp(ref)).toMatchObject(expected);
  });

  it('finds nothing, and believes nothing of others', async () => {
    const { channel } = answering(failure(404, 'RESOURCE_NOT_EXISTS'));
    expect(await channel.querySignUp(ref)).toMatchObject({ doubt: 'not-found' });
    for (const more of [{ out_contract_code: 'x' }, { mchid: '1900000001' }, { appid: 'wx' }]) {
      const other = answering(ok({ ...contract, ...more })).channel;
      expect((await thrown(other.querySignUp(ref))).code).toBe('REPLY_UNVERIFIED');
    }
  });
});

describe('signOff', () => {
  const ended = ok({ ...contract, contract_state: 'TERMINATED' });

  it('ends an agreement, or says that it is not over yet', async () => {
    const { site, channel } = answering(ended);
    expect(await channel.signOff(ref)).toMatchObject({ status: 'succeeded', standing: 'ended' });
    expect(site.heard[0]).toMatchObject({
      target: '/v3/papay/sign/contracts/plan-id/12535/out-contract-code/contract1/terminate',
      fields: { contract_termination_remark: expect.any(String) },
    });
    const later = answering(ok({ ...contract, contract_state: 'TERMINATE_PENDING' })).channel;
    expect(await later.signOff(ref)).toMatchObject({ status: 'pending', waitingFor: 'channel' });
  });

  it('looks up what was ended before', async () => {
    const { site, channel } = answering(failure(400, 'INVALID_REQUEST'), ended);
    expect(await channel.signOff(ref)).toMatchObject({ status: 'succeeded', standing: 'ended' });
    expect(site.targets()).toHaveLength(2);
  });
});

describe('a deduction', () => {
  const accepted = ok({ out_trade_no: 'order_1', amount: { total: 900, currency: 'CNY' } });
  const deduct = { ...order, scene: 'agreement', agreement: ref } as const;

  it('is accepted now and made later', async () => {
    const { site, channel } = answering(accepted);
    const agreement = { ...ref, channelId: '202611220001' };
    expect(await channel.pay({ ...deduct, agreement })).toMatchObject({
      status: 'pending',
      waitingFor: 'channel',
      amount: cny(900),
    });
    expect(site.targets()).toEqual(['POST /v3/papay/pay/transactions/apply']);
    expect(site.heard[0]?.fields).toEqual({
      appid: appId,
      out_trade_no: 'order_1',
      description: order.description,
      transaction_notify_url: config.notifyUrl,
      contract_id: '202611220001',
      amount: { total: 900, currency: 'CNY' },
    });
  });

  it('looks up the agreement first where the reference lacks its number', async () => {
    const { site, channel } = answering(ok(contract), accepted);
    expect(await channel.pay(deduct)).toMatchObject({ status: 'pending' });
    expect(site.heard[1]?.fields.contract_id).toBe('202611220001');
  });

  it.each([
    ['is not there', failure(404, 'RESOURCE_NOT_EXISTS')],
    ['has ended', ok({ ...contract, contract_state: 'TERMINATED' })],
  ])('is not sent where the agreement %s', async (_what, told) => {
    const { site, channel } = answering(told);
    const error = await thrown(channel.pay(deduct));
    expect(error).toMatchObject({ code: 'REFUSED', reason: 'agreement-inactive' });
    expect(site.targets()).toHaveLength(1);
  });

  it('believes no answer about another order or amount', async () => {
    for (const more of [{ out_trade_no: 'order_2' }, { amount: { total: 901 } }]) {
      const told = ok({ out_trade_no: 'order_1', amount: { total: 900 }, ...more });
      const { channel } = answering(ok(contract), told);
      expect(await channel.pay(deduct)).toMatchObject({ doubt: 'contradicts-request' });
    }
  });

  it('is planned before', async () => {
    const plan = { schedule_state: 'SCHEDULED', scheduled_amount: { total: 900, currency: 'CNY' } };
    const { site, channel } = answering(ok(contract), ok(plan));
    const result = await scheduleDeduction(channel, { agreement: ref, amount: cny(900) });
    expect(result).toMatchObject({ status: 'succeeded', standing: 'active' });
    expect(site.heard[1]).toMatchObject({
      target: '/v3/papay/pay/schedules/contract-id/202611220001/schedule',
      fields: { appid: appId, schedule_amount: { total: 900, currency: 'CNY' } },
    });
    const other = answering(ok(contract), ok({ ...plan, scheduled_amount: { total: 1 } })).channel;
    expect(await scheduleDeduction(other, { agreement: ref, amount: cny(900) })).toMatchObject({
      status: 'unknown',
      doubt: 'contradicts-request',
    });
    const open = answering(ok(contract), ok({ ...plan, schedule_state: 'EXPIRED' })).channel;
    const told = await scheduleDeduction(open, { agreement: ref, amount: cny(900) });
    expect(told.status).toBe('unknown');
    const plain = gateway(() => ok({})).channel();
    const error = await thrown(scheduleDeduction(plain, { agreement: ref, amount: cny(900) }));
    expect(error.field).toBe('channel');
  });
});
