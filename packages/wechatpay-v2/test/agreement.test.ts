import { describe, expect, it } from 'vitest';
import {
  appId,
  base,
  clock,
  cny,
  type Fields,
  failure,
  gateway,
  mchId,
  now,
  nowMs,
  ok,
  order,
  signOf,
  state,
  thrown,
} from './gateway.ts';

const request = {
  scene: 'page',
  merchantAgreementId: 'consent1',
  startedAt: now,
  extra: { displayAccount: '茶 & tea' },
} as const;
const ref = {
  noun: 'agreement',
  merchantId: 'consent1',
  startedAt: now,
  handle: 'w2|plan|12535',
} as const;
const contract = (name: string, more: Fields = {}) =>
  ok({
    contract_id: '201509160000028648',
    plan_id: '12535',
    contract_code: 'consent1',
    contract_display_account: 'tea',
    contract_state: name,
    contract_expired_time: '2027-11-22 10:00:00',
    ...more,
  });
const sequence = (...answers: readonly unknown[]) =>
  gateway((_, count) => answers[count - 1] as never);

describe('signUp', () => {
  it('leads to a page, signed by MD5 over its unescaped fields, and sends nothing', async () => {
    const site = sequence();
    const result = await site.channel().signUp(request);
    expect(result).toMatchObject({
      status: 'pending',
      waitingFor: 'payer',
      ref: { handle: 'w2|plan|12535' },
    });
    expect(site.heard).toHaveLength(0);
    const { nextAction } = result as { nextAction: { url: string } };
    const url = new URL(nextAction.url);
    expect(url.origin + url.pathname).toBe('https://pay.example/papay/entrustweb');
    const fields: Fields = Object.fromEntries(url.searchParams);
    expect(fields).toEqual({
      appid: appId,
      mch_id: mchId,
      plan_id: '12535',
      contract_code: 'consent1',
      request_serial: String(nowMs),
      contract_display_account: '茶 & tea',
      notify_url: base.notifyUrl,
      version: '1.0',
      timestamp: String(clock.now() / 1000),
      sign: signOf(fields, 'MD5'),
    });
  });

  it('in an app is prepared by a call without nonce', async () => {
    const site = sequence(ok({ pre_entrustweb_id: '5778aadf7bd3' }));
    const result = await site.channel().signUp({ ...request, scene: 'app' });
    expect(result).toMatchObject({
      status: 'pending',
      evidence: 'signed',
      nextAction: { kind: 'sdk', parameters: { pre_entrustweb_id: '5778aadf7bd3' } },
    });
    expect(site.heard[0]?.path).toBe('/papay/preentrustweb');
    expect(site.heard[0]?.fields['nonce_str']).toBeUndefined();
    expect(site.heard[0]?.fields['sign_type']).toBeUndefined();
  });

  it('wants to know how the wallet shows the payer', async () => {
    const { extra: _none, ...bare } = request;
    expect(await thrown(sequence().channel().signUp(bare))).toMatchObject({
      code: 'REQUEST_INVALID',
      field: 'extra',
    });
  });
});

describe('querySignUp', () => {
  const ask = (answer: unknown) => sequence(answer).channel().querySignUp(ref);

  it.each([
    ['0', { status: 'succeeded', standing: 'active', validUntil: '2027-11-22T02:00:00.000Z' }],
    ['1', { status: 'succeeded', standing: 'ended' }],
    ['9', { status: 'pending', waitingFor: 'payer' }],
  ])('state %s', async (name, expected) => {
    expect(await ask(contract(name))).toMatchObject({ ...expected, evidence: 'signed' });
  });

  it('reads nothing else', async () => {
    expect((await thrown(ask(contract('2')))).code).toBe('REPLY_UNREADABLE');
    expect((await thrown(ask(contract('0', { contract_code: 'other' })))).code).toBe(
      'REPLY_UNVERIFIED',
    );
    expect((await thrown(ask(failure('-26', 'SYSTEM ERROR')))).code).toBe('REPLY_UNREADABLE');
    expect(await ask(failure('CONTRACT_NOT_EXIST'))).toMatchObject({ doubt: 'not-found' });
  });
});

describe('signOff', () => {
  const end = (...answers: readonly unknown[]) =>
    sequence(...answers)
      .channel()
      .signOff(ref);

  it('ends the agreement of the plan it was signed under', async () => {
    const site = sequence(contract('1'));
    expect(await site.channel().signOff(ref)).toMatchObject({
      status: 'succeeded',
      standing: 'ended',
    });
    expect(site.heard[0]).toMatchObject({
      path: '/papay/deletecontract',
      fields: { plan_id: '12535', contract_code: 'consent1', version: '1.0' },
    });
  });

  it('of an ended one is done, of none is not known, of another is not believed', async () => {
    const gone = failure('CONTRACT_NOT_EXIST', '签约协议不存在');
    expect(await end(gone, contract('1'))).toMatchObject({ standing: 'ended' });
    expect(await end(gone, gone)).toMatchObject({ status: 'unknown', doubt: 'not-found' });
    expect(await end(gone, contract('0'))).toMatchObject({ status: 'unknown' });
    expect(await end(contract('1', { contract_code: 'other' }))).toMatchObject({
      status: 'unknown',
      doubt: 'contradicts-request',
    });
  });
});

describe('pay by agreement', () => {
  const agreement = { ...ref, channelId: '201509160000028648' } as const;
  const pay = { ...order, scene: 'agreement', agreement } as const;
  const accepted = ok({ out_trade_no: 'order_1' });

  it('is accepted, and made later', async () => {
    const site = sequence(accepted);
    expect(await site.channel().pay(pay)).toMatchObject({
      status: 'pending',
      waitingFor: 'channel',
    });
    expect(site.heard[0]).toMatchObject({
      path: '/pay/pappayapply',
      fields: { trade_type: 'PAP', contract_id: '201509160000028648', total_fee: '900' },
    });
  });

  it('takes no deadline', async () => {
    const site = sequence(accepted);
    const late = site.channel().pay({ ...pay, expiresAt: '2026-11-23T00:00:00.000Z' });
    expect(await thrown(late)).toMatchObject({ code: 'REQUEST_INVALID', field: 'expiresAt' });
    expect(site.heard).toHaveLength(0);
  });

  it('looks up the number of the agreement before anything moves', async () => {
    const site = sequence(contract('0'), accepted);
    await site.channel().pay({ ...pay, agreement: ref });
    expect(site.paths()).toEqual(['/papay/querycontract', '/pay/pappayapply']);
    const ended = sequence(contract('1'))
      .channel()
      .pay({ ...pay, agreement: ref });
    expect(await thrown(ended)).toMatchObject({ code: 'REFUSED', reason: 'agreement-inactive' });
  });

  it.each([
    ['CONTRACT_NOT_EXIST', { status: 'failed', reason: 'agreement-inactive' }],
    ['NOTENOUGH', { status: 'failed', reason: 'insufficient-funds' }],
    ['ORDER_ACCEPTED', { status: 'unknown', doubt: 'repeated-id' }],
    ['ORDERPAID', { status: 'unknown', doubt: 'repeated-id' }],
    ['SYSTEMERROR', { status: 'unknown', doubt: 'server-error' }],
    ['TRADE_ERROR', { status: 'unknown', doubt: 'server-error' }],
  ])('%s', async (code, expected) => {
    expect(await sequence(failure(code)).channel().pay(pay)).toMatchObject(expected);
  });

  it('is asked about like an order', async () => {
    const payment = { noun: 'payment', merchantId: 'order_1', startedAt: now } as const;
    const result = await sequence(state('PAY_FAIL')).channel().query(payment);
    expect(result).toMatchObject({ status: 'failed', amount: cny(900) });
  });
});
