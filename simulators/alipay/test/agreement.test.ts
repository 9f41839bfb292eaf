import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlipaySite } from '../src/index.ts';
import {
  call,
  collect,
  common,
  form,
  type Node,
  notificationVerifies,
  send,
  signed,
  start,
  terms,
} from './client.ts';

const gateway = 'http://merchant.example/app';
const day = 86_400_000;
let site: AlipaySite;
beforeEach(async () => {
  site = await start({ appGatewayUrl: gateway });
});
afterEach(() => site.stop());

let count = 0;
const fresh = () => `agreement${++count}`;
const monthly = {
  period_type: 'MONTH',
  period: 1,
  execute_time: '2026-11-24',
  single_amount: '10.00',
};
const withholding = (id: string, more: object = {}) => ({
  personal_product_code: 'GENERAL_WITHHOLDING_P',
  product_code: 'GENERAL_WITHHOLDING',
  access_params: { channel: 'ALIPAYAPP' },
  sign_scene: 'INDUSTRY|DIGITAL_MEDIA',
  external_agreement_no: id,
  ...more,
});
const periodic = (id: string, rule: object = {}) =>
  withholding(id, {
    personal_product_code: 'CYCLE_PAY_AUTH_P',
    product_code: 'CYCLE_PAY_AUTH',
    period_rule_params: { ...monthly, ...rule },
  });

/** Opens the signing page and returns what the browser shows. */
async function openPage(biz: object, extra: Record<string, string> = {}): Promise<string> {
  const fields = { ...common('alipay.user.agreement.page.sign', site.credentials, biz), ...extra };
  const query = form(signed(fields, site.credentials.merchantPrivateKey));
  return (await send(site, { method: 'GET', url: `/gateway.do?${query}` })).text;
}
async function sign(biz: { external_agreement_no?: string }): Promise<string> {
  await openPage(biz);
  await site.payer.approve(biz.external_agreement_no ?? '');
  return site.agreement(biz.external_agreement_no ?? '')?.channelId ?? '';
}
const byExternal = (id: string, product = 'GENERAL_WITHHOLDING_P') => ({
  external_agreement_no: id,
  sign_scene: 'INDUSTRY|DIGITAL_MEDIA',
  personal_product_code: product,
});
const query = (biz: object) => call(site, 'user.agreement.query', biz);
const charge = (
  id: string,
  agreementNo: string,
  total = '1.00',
  more: object = {},
): Promise<Node> =>
  call(site, 'trade.pay', {
    ...terms(id, total),
    product_code: 'CYCLE_PAY_AUTH',
    agreement_params: { agreement_no: agreementNo },
    ...more,
  });
const general = { product_code: 'GENERAL_WITHHOLDING' };

describe('the signing page', () => {
  it('lets the payer sign once, tells the merchant and leads back to him', async () => {
    const told = collect(site);
    const id = fresh();
    const addresses = {
      notify_url: 'http://merchant.example/notify',
      return_url: 'http://merchant.example/back?a=1',
    };
    const text = await openPage(withholding(id), addresses);
    expect(text).toContain('Agree and sign');
    expect((await query(byExternal(id)))['sub_code']).toBe('USER_AGREEMENT_NOT_EXIST');
    const ticket = /name="ticket" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const decision = { body: form({ ticket, decision: 'approve' }), url: '/_sim/cashier' };
    const back = await send(site, decision);
    expect(back.status).toBe(302);
    const place = new URL(back.headers['location'] ?? '');
    const returned = Object.fromEntries(place.searchParams);
    expect(returned).toMatchObject({
      method: 'alipay.user.agreement.page.sign.return',
      external_agreement_no: id,
      status: 'NORMAL',
    });
    const { a: _, ...own } = returned;
    expect(notificationVerifies(own, site.credentials.platformPublicKey)).toBe(true);
    await site.notifier.idle();
    const fields = told[0]?.fields ?? {};
    expect(notificationVerifies(fields, site.credentials.platformPublicKey)).toBe(true);
    expect(fields).toMatchObject({
      notify_type: 'dut_user_sign',
      status: 'NORMAL',
      external_agreement_no: id,
      agreement_no: site.agreement(id)?.channelId,
      personal_product_code: 'GENERAL_WITHHOLDING_P',
      sign_time: '2026-11-24 15:08:09',
      valid_time: '2026-11-24 15:08:09',
      invalid_time: '2115-02-01 00:00:00',
    });
    await site.payer.approve(id);
    await site.notifier.idle();
    expect(told).toHaveLength(1);
    const truth = { state: 'NORMAL', active: true, signed: 1, charges: 0 };
    expect(site.agreement(id)).toMatchObject({ merchantId: id, ...truth });
  });

  it('opens the same agreement again, and no other under its number', async () => {
    const id = fresh();
    const agreementNo = await sign(withholding(id));
    expect(await openPage(withholding(id))).toContain('Signed.');
    expect(await openPage(periodic(id))).toContain('INVALID_PARAMETER');
    expect(site.agreement(id)).toMatchObject({ channelId: agreementNo, signed: 1 });
  });

  it('lets the payer refuse', async () => {
    const id = fresh();
    await openPage(withholding(id));
    await site.payer.decline(id);
    expect(site.agreement(id)).toMatchObject({ state: 'REFUSED', active: false, signed: 0 });
    await expect(site.payer.approve(id)).rejects.toThrow('cannot be signed');
    expect((await query(byExternal(id)))['sub_code']).toBe('USER_AGREEMENT_NOT_EXIST');
  });

  it.each([
    ['a product nobody knows', { personal_product_code: 'X' }],
    ['no access_params', { access_params: undefined }],
    ['no sign_scene beside its number', { sign_scene: undefined }],
    ['signs in its number', { external_agreement_no: 'a_b' }],
    ['a validity of other units', { sign_validity_period: '2w' }],
  ])('is refused with %s', async (_, change) => {
    const text = await openPage({ ...withholding(fresh()), ...change });
    expect(text).toContain('INVALID_PARAMETER');
  });

  it.each([
    ['no period rule', undefined],
    ['fewer than seven days', { ...monthly, period_type: 'DAY', period: 6 }],
    ['the 29th of a month', { ...monthly, execute_time: '2026-11-29' }],
    ['a day that does not exist', { ...monthly, execute_time: '2026-02-30' }],
    ['no single amount', { ...monthly, single_amount: undefined }],
  ])('is refused with %s', async (_, period_rule_params) => {
    const text = await openPage({ ...periodic(fresh()), period_rule_params });
    expect(text).toContain('INVALID_PARAMETER');
  });
});

describe('agreement.query and unsign', () => {
  it('tell and end it by any of its names', async () => {
    const told = collect(site);
    const id = fresh();
    const agreementNo = await sign(periodic(id));
    const node = await query({ agreement_no: agreementNo });
    expect(node).toMatchObject({
      code: '10000',
      agreement_no: agreementNo,
      external_agreement_no: id,
      status: 'NORMAL',
      pricipal_type: 'CARD',
      next_deduct_time: '2026-11-24',
      single_quota: '10.00',
    });
    const external = byExternal(id, 'CYCLE_PAY_AUTH_P');
    expect(await query(external)).toEqual(node);
    const user = {
      alipay_user_id: node['principal_id'],
      personal_product_code: 'CYCLE_PAY_AUTH_P',
    };
    expect(await query(user)).toEqual(node);
    expect((await query({ external_agreement_no: id }))['sub_code']).toBe('INVALID_PARAMETER');
    const ended = await call(site, 'user.agreement.unsign', external);
    expect(ended).toEqual({ code: '10000', msg: 'Success' });
    await site.notifier.idle();
    expect(told.map(({ fields }) => fields['notify_type'])).toEqual([
      'dut_user_sign',
      'dut_user_unsign',
    ]);
    expect(told[1]?.fields).toMatchObject({
      status: 'UNSIGN',
      agreement_no: agreementNo,
      unsign_time: '2026-11-24 15:08:09',
    });
    expect(told[1]?.fields['sign_time']).toBeUndefined();
    expect((await query(external))['sub_code']).toBe('AGREEMENT_HAS_UNSIGNED');
    const again = await call(site, 'user.agreement.unsign', { agreement_no: agreementNo });
    expect(again['sub_code']).toBe('USER_AGREEMENT_STATUS_NOT_NORMAL');
    expect((await call(site, 'user.agreement.unsign', { agreement_no: '1' }))['sub_code']).toBe(
      'AGREEMENT_NOT_EXIST',
    );
  });

  it('know no agreement of another merchant', async () => {
    const agreementNo = await sign(withholding(fresh()));
    const credentials = await site.enroll();
    const biz = { agreement_no: agreementNo };
    const other = await call(site, 'user.agreement.query', biz, { credentials });
    expect(other['sub_code']).toBe('USER_AGREEMENT_NOT_EXIST');
  });

  it('see what the payer ended in his wallet, and what ran out', async () => {
    const told = collect(site);
    const first = fresh();
    const agreementNo = await sign(withholding(first));
    await site.payer.decline(first);
    await site.notifier.idle();
    expect(told.at(-1)?.fields['notify_type']).toBe('dut_user_unsign');
    expect(site.agreement(first)).toMatchObject({ state: 'UNSIGN', active: false });
    expect((await charge('w1', agreementNo, '1.00', general))['sub_code']).toBe(
      'ACQ.AGREEMENT_STATUS_NOT_NORMAL',
    );
    const second = fresh();
    await sign(withholding(second, { sign_validity_period: '2m' }));
    await site.clock.advance(62 * day);
    expect(site.agreement(second)).toMatchObject({ active: false });
    expect((await query(byExternal(second)))['sub_code']).toBe('USER_AGREEMENT_NOT_EXIST');
  });
});

describe('a deduction', () => {
  it('on demand moves money once per number and names the agreement to the merchant', async () => {
    const told = collect(site);
    const id = fresh();
    const agreementNo = await sign(withholding(id));
    const biz = {
      ...terms('d1', '5.00'),
      ...general,
      agreement_params: { agreement_no: agreementNo },
    };
    const extra = { notify_url: 'http://merchant.example/notify' };
    const first = await call(site, 'trade.pay', biz, { extra });
    expect(first).toMatchObject({ code: '10000', total_amount: '5.00' });
    expect(await call(site, 'trade.pay', biz, { extra })).toEqual(first);
    const other = await call(site, 'trade.pay', { ...biz, total_amount: '6.00' });
    expect(other['sub_code']).toBe('ACQ.CONTEXT_INCONSISTENT');
    expect(site.book('d1')).toMatchObject({ debits: 1, paid: 500 });
    expect(site.agreement(id)).toMatchObject({ charges: 1 });
    await site.notifier.idle();
    expect(told.at(-1)?.fields).toMatchObject({
      notify_type: 'trade_status_sync',
      agreement_no: agreementNo,
      external_agreement_no: id,
    });
  });

  it('keeps to the period rule', async () => {
    const id = fresh();
    const rule = { total_amount: '25.00', total_payments: 3, execute_time: '2026-12-10' };
    const agreementNo = await sign(periodic(id, rule));
    const refusal = async (out: string, total: string) =>
      (await charge(out, agreementNo, total))['sub_code'] ?? 'paid';
    expect(await refusal('p1', '10.00')).toBe('ACQ.CYCLE_PAY_DATE_NOT_MATCH');
    await site.clock.advanceTo(Date.parse('2026-12-04T23:59:59+08:00'));
    expect(await refusal('p0', '10.00')).toBe('ACQ.CYCLE_PAY_DATE_NOT_MATCH');
    await site.clock.advanceTo(Date.parse('2026-12-05T00:00:00+08:00'));
    expect(await refusal('p2', '10.01')).toBe('ACQ.CYCLE_PAY_SINGLE_FEE_EXCEED');
    expect(await refusal('p3', '10.00')).toBe('paid');
    expect(await refusal('p4', '10.00')).toBe('ACQ.CYCLE_PAY_DATE_NOT_MATCH');
    const plan = await query({ agreement_no: agreementNo });
    expect(plan).toMatchObject({
      last_deduct_time: '2026-12-05',
      next_deduct_time: '2027-01-10',
    });
    // A period that nobody charged lapses.
    await site.clock.advanceTo(Date.parse('2027-02-06T00:00:00+08:00'));
    expect(await refusal('p5', '10.00')).toBe('paid');
    expect(await refusal('p6', '10.00')).toBe('ACQ.CYCLE_PAY_TOTAL_FEE_EXCEED');
    await site.clock.advanceTo(Date.parse('2027-03-10T00:00:00+08:00'));
    expect(await refusal('p7', '5.00')).toBe('paid');
    expect(await refusal('p8', '0.01')).toBe('ACQ.CYCLE_PAY_TOTAL_FEE_EXCEED');
    expect(site.agreement(id)).toMatchObject({ charges: 3 });
  });

  it('ends with the number of payments agreed on', async () => {
    const agreementNo = await sign(periodic(fresh(), { total_payments: 1 }));
    expect((await charge('t1', agreementNo))['code']).toBe('10000');
    expect((await charge('t2', agreementNo))['sub_code']).toBe('ACQ.CYCLE_PAY_TOTAL_TIMES_EXCEED');
  });

  it('follows the plan as the merchant puts it off', async () => {
    const agreementNo = await sign(periodic(fresh()));
    const modify = (day: string) =>
      call(site, 'user.agreement.executionplan.modify', {
        agreement_no: agreementNo,
        deduct_time: day,
      });
    expect(await modify('2026-12-20')).toMatchObject({ deduct_time: '2026-12-20' });
    expect((await charge('m1', agreementNo))['sub_code']).toBe('ACQ.CYCLE_PAY_DATE_NOT_MATCH');
    expect((await modify('2026-12-19'))['sub_code']).toBe('ILLEGAL_EXECUTION_TIME');
    expect((await modify('2029-01-01'))['sub_code']).toBe('ILLEGAL_EXECUTION_TIME');
    expect((await modify('20261220'))['sub_code']).toBe('INVALID_PARAMETER');
    await site.clock.advanceTo(Date.parse('2026-12-16T00:00:00+08:00'));
    expect((await charge('m2', agreementNo))['code']).toBe('10000');
    const unknown = { agreement_no: '1', deduct_time: '2026-12-20' };
    const node = await call(site, 'user.agreement.executionplan.modify', unknown);
    expect(node['sub_code']).toBe('ILLEGAL_AGREEMENT');
  });

  it('is refused for another product, and for an agreement nobody signed', async () => {
    const agreementNo = await sign(withholding(fresh()));
    expect((await charge('x1', agreementNo))['sub_code']).toBe('ACQ.AGREEMENT_ERROR');
    expect((await charge('x2', '20260000'))['sub_code']).toBe('ACQ.AGREEMENT_NOT_EXIST');
    expect(site.book('x1')).toBeUndefined();
  });

  it.each([
    ['is carried out later', false, 'TRADE_SUCCESS', 1],
    ['or fails later', true, 'TRADE_CLOSED', 0],
  ])('when asynchronous, is accepted and %s', async (_, fails, state, debits) => {
    const id = fresh();
    const agreementNo = await sign(withholding(id));
    if (fails) site.faults.arm({ fault: 'deduction-fails-late' });
    const more = { ...general, is_async_pay: true, pay_params: { async_type: 'NORMAL_ASYNC' } };
    const out = `async${debits}`;
    const node = await charge(out, agreementNo, '1.00', more);
    expect(node).toMatchObject({ code: '10000', async_pay_apply_status: 'S' });
    expect(node['gmt_payment']).toBeUndefined();
    const waiting = await call(site, 'trade.query', { out_trade_no: out });
    expect(waiting).toMatchObject({ trade_status: 'WAIT_BUYER_PAY' });
    expect(await charge(out, agreementNo, '1.00', more)).toEqual(node);
    await site.clock.advance(300_000);
    expect(site.book(out)).toMatchObject({ state, debits });
    expect(site.agreement(id)).toMatchObject({ charges: debits });
  });
});
