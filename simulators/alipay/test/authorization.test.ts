import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlipaySite } from '../src/index.ts';
import {
  barcode,
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

const extra = { notify_url: 'http://merchant.example/notify' };
const day = 86_400_000;
let site: AlipaySite;
beforeEach(async () => {
  site = await start({ appGatewayUrl: 'http://merchant.example/app' });
});
afterEach(() => site.stop());

let count = 0;
const fresh = () => `hold_${++count}`;
const freezeTerms = (id: string, amount = '100.00', more: object = {}) => ({
  out_order_no: id,
  out_request_no: id,
  amount,
  order_title: '押金',
  product_code: 'PRE_AUTH',
  auth_code: barcode(),
  auth_code_type: 'bar_code',
  ...more,
});
const freeze = (id: string, amount = '100.00', more: object = {}): Promise<Node> =>
  call(site, 'fund.auth.order.freeze', freezeTerms(id, amount, more), { extra });
const voucher = (id: string, more: object = {}): Promise<Node> => {
  const { auth_code: _, auth_code_type: __, ...biz } = freezeTerms(id);
  const online = { ...biz, product_code: 'PRE_AUTH_ONLINE', ...more };
  return call(site, 'fund.auth.order.voucher.create', online, { extra });
};
const unfreeze = (authNo: string, request: string, amount: string): Promise<Node> =>
  call(site, 'fund.auth.order.unfreeze', {
    auth_no: authNo,
    out_request_no: request,
    amount,
    remark: '退还',
  });
const query = (id: string, more: object = {}): Promise<Node> =>
  call(site, 'fund.auth.operation.detail.query', {
    out_order_no: id,
    out_request_no: id,
    ...more,
  });
const cancel = (id: string): Promise<Node> =>
  call(site, 'fund.auth.operation.cancel', {
    out_order_no: id,
    out_request_no: id,
    remark: '撤销',
  });
const capture = (authNo: string, out: string, total: string, more: object = {}): Promise<Node> =>
  call(site, 'trade.pay', {
    ...terms(out, total),
    auth_no: authNo,
    product_code: 'PRE_AUTH',
    ...more,
  });

/** Double entry: whatever happened, all accounts together hold nothing, and no hold is hidden. */
function checkBook(): void {
  const { accounts, authorizations } = site.book() as {
    accounts: { account: string; balance: number }[];
    authorizations: { channelId?: string; held: number; captured: number; released: number }[];
  };
  expect(accounts.reduce((sum, { balance }) => sum + balance, 0)).toBe(0);
  for (const { channelId, held, captured, released } of authorizations) {
    const hold = accounts.find(({ account }) => account === `hold:${channelId}`)?.balance ?? 0;
    expect(hold).toBe(held - captured - released);
    expect(hold).toBeGreaterThanOrEqual(0);
  }
}

describe('a freeze by code', () => {
  it('holds the money once, tells the merchant, and answers a repetition alike', async () => {
    const told = collect(site);
    const id = fresh();
    const node = await freeze(id);
    expect(node).toMatchObject({
      code: '10000',
      out_order_no: id,
      out_request_no: id,
      amount: '100.00',
      status: 'SUCCESS',
      gmt_trans: '2026-11-24 15:08:09',
    });
    expect(await freeze(id)).toEqual(node);
    expect((await freeze(id, '99.00'))['sub_code']).toBe('UNIQUE_VIOLATION');
    const again = await freeze(id, '100.00', { out_request_no: `${id}_2` });
    expect(again['sub_code']).toBe('FREEZE_ALREADY_SUCCESS');
    const other = await freeze(fresh(), '100.00', { out_request_no: id });
    expect(other['sub_code']).toBe('UNIQUE_VIOLATION');
    expect(site.authorization(id)).toEqual({
      merchantId: id,
      channelId: node['auth_no'],
      state: 'AUTHORIZED',
      holds: 1,
      held: 10_000,
      captured: 0,
      released: 0,
    });
    await site.notifier.idle();
    expect(told).toHaveLength(1);
    const fields = told[0]?.fields ?? {};
    expect(notificationVerifies(fields, site.credentials.platformPublicKey)).toBe(true);
    expect(fields).toMatchObject({
      notify_type: 'fund_auth_freeze',
      auth_no: node['auth_no'],
      operation_id: node['operation_id'],
      operation_type: 'FREEZE',
      status: 'SUCCESS',
      amount: '100.00',
      total_freeze_amount: '100.00',
      rest_amount: '100.00',
      total_pay_amount: '0.00',
      payee_user_id: site.credentials.sellerId,
    });
    checkBook();
  });

  it('waits while the payer is asked, by thumb or for so many queries', async () => {
    const id = fresh();
    site.faults.arm({ fault: 'user-paying' });
    expect(await freeze(id)).toMatchObject({ code: '10003', status: 'INIT' });
    expect(await query(id)).toMatchObject({ status: 'INIT', order_status: 'INIT' });
    await site.payer.approve(id);
    expect(await query(id)).toMatchObject({ status: 'SUCCESS', order_status: 'AUTHORIZED' });
    const counted = fresh();
    site.faults.arm({ fault: 'user-paying', queries: 2, outcome: 'closed' });
    await freeze(counted);
    expect(await query(counted)).toMatchObject({ order_status: 'INIT' });
    expect(await query(counted)).toMatchObject({ status: 'CLOSED', order_status: 'CLOSED' });
    expect((await freeze(counted))['sub_code']).toBe('ORDER_ALREADY_CLOSED');
    expect(site.authorization(counted)).toMatchObject({ holds: 0, held: 0 });
  });

  it('closes when the payer lets the time pass or declines', async () => {
    const late = fresh();
    const declined = fresh();
    site.faults.arm({ fault: 'user-paying', times: 2 });
    await freeze(late, '1.00', { pay_timeout: '2m' });
    await freeze(declined);
    await site.payer.decline(declined);
    expect(site.authorization(declined)).toMatchObject({ state: 'CLOSED' });
    await site.clock.advance(120_000);
    expect(site.authorization(late)).toMatchObject({ state: 'CLOSED', holds: 0 });
    await expect(site.payer.approve(late)).rejects.toThrow('cannot be frozen');
  });

  it.each([
    ['no code', { auth_code: undefined }, 'ILLEGAL_ARGUMENT'],
    ['a code of no wallet', { auth_code: '123' }, 'PAYMENT_AUTH_CODE_INVALID'],
    ['another product', { product_code: 'FACE_TO_FACE_PAYMENT' }, 'ILLEGAL_ARGUMENT'],
    ['no title', { order_title: '' }, 'ILLEGAL_ARGUMENT'],
    ['a stranger as payee', { payee_user_id: '2088000000000000' }, 'PAYEE_NOT_EXIST'],
    ['three decimals', { amount: '1.001' }, 'ILLEGAL_ARGUMENT'],
    ['too much', { amount: '100000000.01' }, 'UNSUPPORT_ORDER_AMOUNT'],
  ])('is refused with %s', async (_, change, subCode) => {
    const id = fresh();
    expect((await freeze(id, '1.00', change))['sub_code']).toBe(subCode);
    expect(site.authorization(id)).toBeUndefined();
  });
});

describe('a voucher', () => {
  it('has no order until its QR is scanned', async () => {
    const id = fresh();
    const node = await voucher(id);
    expect(node).toMatchObject({ code_type: 'qrCode', out_order_no: id });
    expect(node['code_value']).toMatch(/^https:\/\/qr\.alipay\.com\/bax/);
    expect((await query(id))['sub_code']).toBe('AUTH_ORDER_NOT_EXIST');
    await site.payer.abandon(id);
    expect(await query(id)).toMatchObject({ order_status: 'INIT' });
    const page = await send(site, {
      method: 'GET',
      url: `/_sim/cashier?${form({ qr: node['code_value'] })}`,
    });
    expect(page.text).toContain('Let ¥100.00 be held');
    await site.payer.approve(id);
    expect(await query(id)).toMatchObject({ order_status: 'AUTHORIZED', rest_amount: '100.00' });
    checkBook();
  });

  it('cancelled before the scan can no longer be paid', async () => {
    const id = fresh();
    await voucher(id);
    expect(await cancel(id)).toMatchObject({ code: '10000', action: 'close' });
    expect(await cancel(id)).toMatchObject({ action: 'close' });
    await expect(site.payer.approve(id)).rejects.toThrow('cannot be frozen');
    expect((await voucher(id))['sub_code']).toBe('ORDER_ALREADY_CLOSED');
  });

  it('is an order text on the phone', async () => {
    const id = fresh();
    const { auth_code: _, auth_code_type: __, ...biz } = freezeTerms(id);
    const content = { ...biz, product_code: 'PREAUTH_PAY' };
    const fields = common('alipay.fund.auth.order.app.freeze', site.credentials, content);
    const body = form(signed(fields, site.credentials.merchantPrivateKey));
    const reply = await send(site, { url: '/_sim/app?decision=approve', body });
    const { resultStatus, result } = JSON.parse(reply.text);
    expect(resultStatus).toBe('9000');
    expect(result).toContain('"alipay_fund_auth_order_app_freeze_response":{"code":"10000"');
    expect(result).toContain(`"auth_no":"${site.authorization(id)?.channelId}"`);
  });
});

describe('what is held', () => {
  it('goes back in parts, each once, and to the merchant no more than is left', async () => {
    const told = collect(site);
    const id = fresh();
    const { auth_no: authNo } = await freeze(id);
    const first = await unfreeze(authNo, 'u1', '30.00');
    expect(first).toMatchObject({ status: 'SUCCESS', amount: '30.00', out_request_no: 'u1' });
    expect(await unfreeze(authNo, 'u1', '30.00')).toEqual(first);
    expect((await unfreeze(authNo, 'u1', '31.00'))['sub_code']).toBe('UNIQUE_VIOLATION');
    expect((await unfreeze(authNo, id, '1.00'))['sub_code']).toBe('UNIQUE_VIOLATION');
    expect((await unfreeze(authNo, 'u2', '70.01'))['sub_code']).toBe('REQUEST_AMOUNT_EXCEED');
    expect(await query(id, { out_request_no: 'u1' })).toMatchObject({
      operation_type: 'UNFREEZE',
      amount: '30.00',
      order_status: 'AUTHORIZED',
      rest_amount: '70.00',
    });
    await unfreeze(authNo, 'u3', '70.00');
    expect(site.authorization(id)).toMatchObject({ state: 'FINISH', released: 10_000 });
    expect((await unfreeze(authNo, 'u4', '0.01'))['sub_code']).toBe('ORDER_ALREADY_FINISH');
    expect((await unfreeze('0', 'u5', '0.01'))['sub_code']).toBe('AUTH_ORDER_NOT_EXIST');
    await site.notifier.idle();
    const types = told.map(({ fields }) => [fields['notify_type'], fields['rest_amount']]);
    expect(types).toEqual([
      ['fund_auth_freeze', '100.00'],
      ['fund_auth_unfreeze', '70.00'],
      ['fund_auth_unfreeze', '0.00'],
    ]);
    checkBook();
  });

  it('is taken by trades, which are refunded as trades', async () => {
    const told = collect(site);
    const id = fresh();
    const { auth_no: authNo } = await freeze(id);
    const paid = await capture(authNo, `${id}_a`, '60.00');
    expect(paid).toMatchObject({ code: '10000', total_amount: '60.00' });
    expect(await capture(authNo, `${id}_a`, '60.00')).toEqual(paid);
    expect((await capture(authNo, `${id}_b`, '40.01'))['sub_code']).toBe(
      'ACQ.AUTH_AMOUNT_NOT_ENOUGH',
    );
    const wrong = { product_code: 'PRE_AUTH_ONLINE' };
    expect((await capture(authNo, `${id}_b`, '1.00', wrong))['sub_code']).toBe(
      'ACQ.PRE_AUTH_PROD_CODE_INCONSISTENT',
    );
    const complete = { auth_confirm_mode: 'COMPLETE' };
    expect((await capture(authNo, `${id}_b`, '30.00', complete))['code']).toBe('10000');
    expect(site.authorization(id)).toMatchObject({
      state: 'FINISH',
      captured: 9_000,
      released: 1_000,
    });
    expect((await capture(authNo, `${id}_c`, '1.00'))['sub_code']).toBe(
      'ACQ.AUTH_ORDER_HAS_FINISHED',
    );
    expect(site.book(`${id}_a`)).toMatchObject({ debits: 1, paid: 6_000, refunded: 0 });
    await call(site, 'trade.refund', { out_trade_no: `${id}_a`, refund_amount: '60.00' });
    expect(site.book(`${id}_a`)).toMatchObject({ refunded: 6_000 });
    expect(site.authorization(id)).toMatchObject({ state: 'FINISH', captured: 9_000 });
    await site.notifier.idle();
    const automatic = told.at(-1);
    expect(automatic?.fields).toMatchObject({
      notify_type: 'fund_auth_unfreeze',
      amount: '10.00',
      total_pay_amount: '90.00',
    });
    checkBook();
  });

  it('cannot be taken before it is held, after it went back, or under no number', async () => {
    const id = fresh();
    site.faults.arm({ fault: 'user-paying' });
    const { auth_no: authNo } = await freeze(id);
    expect((await capture(authNo, 'n1', '1.00'))['sub_code']).toBe('ACQ.AUTH_ORDER_NOT_PAID');
    expect((await unfreeze(authNo, 'n1u', '1.00'))['sub_code']).toBe('ILLEGAL_STATUS');
    await site.payer.decline(id);
    expect((await capture(authNo, 'n2', '1.00'))['sub_code']).toBe('ACQ.AUTH_ORDER_HAS_CLOSED');
    expect((await capture('0', 'n3', '1.00'))['sub_code']).toBe('ACQ.AUTH_NO_ERROR');
    expect(site.book('n1')).toBeUndefined();
  });

  it('is cancelled as a whole, within a day, while nothing was taken', async () => {
    const told = collect(site);
    const id = fresh();
    await freeze(id);
    const node = await cancel(id);
    expect(node).toMatchObject({ code: '10000', action: 'unfreeze' });
    expect(await cancel(id)).toEqual(node);
    expect(site.authorization(id)).toMatchObject({ state: 'CLOSED', released: 10_000 });
    await site.notifier.idle();
    expect(told.at(-1)?.fields).toMatchObject({
      notify_type: 'fund_auth_operation_cancel',
      action: 'unfreeze',
    });
    const taken = fresh();
    const { auth_no: authNo } = await freeze(taken);
    await capture(authNo, `${taken}_a`, '1.00');
    expect((await cancel(taken))['sub_code']).toBe('REQUEST_AMOUNT_EXCEED');
    const late = fresh();
    await freeze(late);
    await site.clock.advance(day + 1);
    expect((await cancel(late))['sub_code']).toBe('CANCEL_OPERATION_TIME_OUT');
    expect((await cancel(fresh()))['sub_code']).toBe('AUTH_ORDER_NOT_EXIST');
    checkBook();
  });

  it('goes back by itself at the end, told to the app gateway', async () => {
    const told = collect(site);
    const id = fresh();
    await freeze(id);
    await site.clock.advance(360 * day);
    expect(site.authorization(id)).toMatchObject({ state: 'FINISH', released: 10_000 });
    expect(told.at(-1)?.fields).toMatchObject({ notify_type: 'fund_auth_unfreeze' });
    checkBook();
  });

  it('never disappears, whatever is asked in whatever order', async () => {
    const act = fc.record({
      deed: fc.constantFrom('freeze', 'unfreeze', 'capture', 'cancel', 'complete'),
      order: fc.nat(1),
      amount: fc.integer({ min: 1, max: 6 }),
      number: fc.nat(2),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 12 }), async (acts) => {
        await site.reset();
        for (const { deed, order, amount, number } of acts) {
          const id = `p${order}`;
          const authNo = site.authorization(id)?.channelId ?? '0';
          const sum = `${amount}.00`;
          const deeds = {
            freeze: () => freeze(id, '5.00'),
            unfreeze: () => unfreeze(authNo, `u${number}`, sum),
            capture: () => capture(authNo, `c${number}`, sum),
            complete: () => capture(authNo, `c${number}`, sum, { auth_confirm_mode: 'COMPLETE' }),
            cancel: () => cancel(id),
          };
          await deeds[deed]();
        }
        checkBook();
      }),
      { numRuns: 40, seed: 7 },
    );
  });
});

describe('faults', () => {
  it('strike freezes as they strike payments', async () => {
    const id = fresh();
    site.faults.arm({ fault: 'system-error-then-paid' });
    expect((await freeze(id))['sub_code']).toBe('SYSTEM_ERROR');
    expect(site.authorization(id)).toMatchObject({ holds: 1 });
    site.faults.arm({ fault: 'wrong-amount', operation: 'alipay.fund.auth.*', id });
    expect(await query(id)).toMatchObject({ amount: '100.01' });
    site.faults.arm({ fault: 'wrong-order', id });
    expect(await query(id)).toMatchObject({ out_order_no: `${id}_2` });
    const told = collect(site);
    site.faults.arm({ fault: 'duplicate-notification', operation: 'fund_auth_freeze' });
    site.faults.arm({ fault: 'forged-notification', operation: 'fund_auth_freeze' });
    await freeze(fresh());
    await site.notifier.idle();
    const verified = told.map(({ fields }) =>
      notificationVerifies(fields, site.credentials.platformPublicKey),
    );
    expect(verified).toEqual([false, true, true]);
  });
});
