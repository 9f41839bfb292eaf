import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlipaySite } from '../src/index.ts';
import {
  barcode,
  call,
  collect,
  common,
  form,
  type Node,
  pay,
  rawNode,
  send,
  signed,
  start,
  terms,
  verifiedBy,
} from './client.ts';

let site: AlipaySite;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

const query = (id: string): Promise<Node> => call(site, 'trade.query', { out_trade_no: id });
const raw = async (method: string, biz: object) => {
  const fields = common(`alipay.${method}`, site.credentials, biz);
  const body = form(signed(fields, site.credentials.merchantPrivateKey));
  return send(site, { body });
};
const verifies = (text: string) => verifiedBy(text, site.credentials.platformPublicKey);

describe('user-paying', () => {
  it("waits for the payer's thumb", async () => {
    site.faults.arm({ fault: 'user-paying' });
    const biz = { ...terms('u1'), scene: 'bar_code', auth_code: barcode() };
    const node = await call(site, 'trade.pay', biz);
    expect(node).toMatchObject({
      code: '10003',
      msg: 'order success pay inprocess',
      out_trade_no: 'u1',
      buyer_pay_amount: '0.00',
    });
    expect((await query('u1'))['trade_status']).toBe('WAIT_BUYER_PAY');
    expect(await call(site, 'trade.pay', biz)).toEqual(node);
    await site.payer.approve('u1');
    expect((await query('u1'))['trade_status']).toBe('TRADE_SUCCESS');
    expect(await call(site, 'trade.pay', biz)).toMatchObject({ code: '10000' });
    expect(site.book('u1')).toMatchObject({ debits: 1 });
  });

  it.each([
    ['paid', 'TRADE_SUCCESS', 1],
    ['closed', 'TRADE_CLOSED', 0],
  ])('is %s after so many queries', async (outcome, status, debits) => {
    site.faults.arm({ fault: 'user-paying', queries: 3, outcome });
    await pay(site, 'u2');
    const seen = [];
    for (let index = 0; index < 3; index += 1) seen.push((await query('u2'))['trade_status']);
    expect(seen).toEqual(['WAIT_BUYER_PAY', 'WAIT_BUYER_PAY', status]);
    expect(site.book('u2')).toMatchObject({ debits });
  });

  it('is cancelled by a merchant who tires of waiting', async () => {
    site.faults.arm({ fault: 'user-paying' });
    await pay(site, 'u3');
    expect((await call(site, 'trade.cancel', { out_trade_no: 'u3' }))['action']).toBe('close');
    await expect(site.payer.approve('u3')).rejects.toThrow(/TRADE_CLOSED/);
  });
});

describe('an answer that leaves doubt', () => {
  it.each([
    ['system-error', '20000', 'aop.ACQ.SYSTEM_ERROR', 'Service Currently Unavailable'],
    ['maintenance', '20000', 'isp.unknow-error', 'Service Currently Unavailable'],
    ['rate-limit', '40005', 'isv.app-call-limited', 'Call Limited'],
  ])('%s: nothing moved', async (fault, code, subCode, msg) => {
    site.faults.arm({ fault, operation: 'alipay.trade.pay', id: 'd1' });
    expect((await pay(site, 'other'))['code']).toBe('10000');
    expect(await pay(site, 'd1')).toMatchObject({ code, sub_code: subCode, msg });
    expect(site.book('d1')).toBeUndefined();
    expect((await query('d1'))['sub_code']).toBe('ACQ.TRADE_NOT_EXIST');
  });

  it('system-error-then-paid: the money moved', async () => {
    site.faults.arm({ fault: 'system-error-then-paid' });
    expect(await pay(site, 'd2')).toMatchObject({ code: '20000' });
    expect(site.book('d2')).toMatchObject({ debits: 1, paid: 100 });
    expect((await query('d2'))['trade_status']).toBe('TRADE_SUCCESS');
  });

  it('refund-unheard: refunded, unheard, and hidden for a while', async () => {
    await pay(site, 'd3', '2.00');
    site.faults.arm({ fault: 'refund-unheard', queries: 1 });
    const biz = { out_trade_no: 'd3', refund_amount: '2.00', out_request_no: 'r' };
    expect(await call(site, 'trade.refund', biz)).toMatchObject({ code: '20000' });
    expect(site.book('d3')).toMatchObject({ refunds: 1, refunded: 200 });
    const ask = () =>
      call(site, 'trade.fastpay.refund.query', { out_trade_no: 'd3', out_request_no: 'r' });
    expect((await ask())['refund_status']).toBeUndefined();
    expect((await ask())['refund_status']).toBe('REFUND_SUCCESS');
    expect(await call(site, 'trade.refund', biz)).toMatchObject({ fund_change: 'N' });
  });

  it('trade-not-exist-lag: paid, but not yet to be seen', async () => {
    await pay(site, 'd4');
    site.faults.arm({ fault: 'trade-not-exist-lag', times: 2 });
    expect((await query('d4'))['sub_code']).toBe('ACQ.TRADE_NOT_EXIST');
    expect((await query('d4'))['sub_code']).toBe('ACQ.TRADE_NOT_EXIST');
    expect((await query('d4'))['trade_status']).toBe('TRADE_SUCCESS');
  });

  it('cancel-retry: asks to be repeated so often', async () => {
    await pay(site, 'd5');
    site.faults.arm({ fault: 'cancel-retry', times: 2 });
    const cancel = () => call(site, 'trade.cancel', { out_trade_no: 'd5' });
    expect((await cancel())['retry_flag']).toBe('Y');
    expect((await cancel())['retry_flag']).toBe('Y');
    expect(site.book('d5')).toMatchObject({ refunds: 0 });
    expect(await cancel()).toMatchObject({ retry_flag: 'N', action: 'refund' });
    expect(site.book('d5')).toMatchObject({ refunds: 1 });
  });

  it('drop-reply: done but unheard', async () => {
    site.faults.arm({ fault: 'drop-reply', operation: 'alipay.trade.pay' });
    await expect(pay(site, 'd6')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(site.book('d6')).toMatchObject({ debits: 1 });
  });
});

describe('business-error', () => {
  it('answers the usual refusal, or the one it is told', async () => {
    site.faults.arm({ fault: 'business-error' });
    expect(await pay(site, 'b1')).toEqual({
      code: '40004',
      msg: 'Business Failed',
      sub_code: 'ACQ.BUYER_BALANCE_NOT_ENOUGH',
      sub_msg: '买家余额不足',
      buyer_pay_amount: '0.00',
      invoice_amount: '0.00',
      point_amount: '0.00',
      receipt_amount: '0.00',
    });
    expect(site.book('b1')).toBeUndefined();
    site.faults.arm({ fault: 'business-error', subCode: 'ACQ.PAYMENT_REQUEST_HAS_RISK' });
    expect((await pay(site, 'b2'))['sub_code']).toBe('ACQ.PAYMENT_REQUEST_HAS_RISK');
    site.faults.arm({ fault: 'business-error', subCode: 'ACQ.NONSENSE' });
    expect((await pay(site, 'b3'))['sub_code']).toBe('ACQ.SYSTEM_ERROR');
    expect(site.journal.entries({ limit: 1 })[0]?.note).toContain('ACQ.NONSENSE');
  });

  it('takes no detail it does not know', () => {
    expect(() => site.faults.arm({ fault: 'business-error', subcode: 'x' })).toThrow(/subCode/);
    expect(() => site.faults.arm({ fault: 'bussiness-error' })).toThrow(/business-error/);
  });
});

describe('an answer that is not to be believed', () => {
  it('bad-signature, foreign-signature and unsigned-reply do not verify', async () => {
    await pay(site, 'f1');
    for (const fault of ['bad-signature', 'foreign-signature', 'unsigned-reply']) {
      site.faults.arm({ fault });
      const { text } = await raw('trade.query', { out_trade_no: 'f1' });
      expect(verifies(text)).toBe(false);
      expect(JSON.parse(rawNode(text))).toMatchObject({ trade_status: 'TRADE_SUCCESS' });
      expect(text.includes('"sign":"')).toBe(fault !== 'unsigned-reply');
    }
    const { text } = await raw('trade.query', { out_trade_no: 'f1' });
    expect(verifies(text)).toBe(true);
  });

  it('wrong-amount and wrong-order verify and are about something else', async () => {
    await pay(site, 'f2', '3.00');
    site.faults.arm({ fault: 'wrong-amount' });
    expect((await query('f2'))['total_amount']).toBe('3.01');
    site.faults.arm({ fault: 'wrong-amount', amount: 1 });
    expect((await query('f2'))['total_amount']).toBe('0.01');
    site.faults.arm({ fault: 'wrong-order' });
    expect((await query('f2'))['out_trade_no']).toBe('f2_2');
    site.faults.arm({ fault: 'wrong-order', otherId: 'else' });
    expect((await query('f2'))['out_trade_no']).toBe('else');
    expect(await query('f2')).toMatchObject({ out_trade_no: 'f2', total_amount: '3.00' });
  });

  it('duplicate-node: a forgery stands before the signed one', async () => {
    site.faults.arm({ fault: 'duplicate-node' });
    const { text } = await raw('trade.query', { out_trade_no: 'none' });
    const nodes = text.match(/"alipay_trade_query_response":/g);
    expect(nodes).toHaveLength(2);
    expect(text.indexOf('"code":"10000"')).toBeLessThan(text.indexOf('"code":"40004"'));
  });

  it('strikes the answer to a call before the notification it causes', async () => {
    const told = collect(site);
    site.faults.arm({ fault: 'wrong-amount', times: 2 });
    const extra = { notify_url: 'http://merchant.example/n' };
    const node = await pay(site, 'f3', '1.00', { extra });
    await site.notifier.idle();
    expect(node['total_amount']).toBe('1.01');
    expect(told.map(({ fields }) => fields['total_amount'])).toEqual(['1.01']);
    site.faults.arm({ fault: 'wrong-amount' });
    expect((await pay(site, 'f4', '1.00', { extra }))['total_amount']).toBe('1.01');
    await site.notifier.idle();
    expect(told.at(-1)?.fields['total_amount']).toBe('1.00');
  });

  it('key-rotation lasts for the answers it was armed for', async () => {
    site.faults.arm({ fault: 'key-rotation', times: 2 });
    const seen = [];
    for (let index = 0; index < 3; index += 1) {
      seen.push(verifies((await raw('trade.query', { out_trade_no: 'none' })).text));
    }
    expect(seen).toEqual([false, false, true]);
  });
});

describe('the journal', () => {
  it('keeps exchanges decoded, without auth_code and keys', async () => {
    const authCode = barcode();
    const biz = { ...terms('j1'), scene: 'bar_code', auth_code: authCode };
    await call(site, 'trade.pay', biz);
    const fields = common('alipay.trade.pay', site.credentials, biz);
    await send(site, { body: form({ ...fields, sign: 'QUJDRA==' }) });
    const entries = site.journal.entries({ id: 'j1' });
    expect(entries.map(({ operation }) => operation)).toEqual([
      'alipay.trade.pay',
      'alipay.trade.pay',
    ]);
    expect(entries[0]?.reply).toMatchObject({ code: '10000', out_trade_no: 'j1' });
    expect(entries[0]?.request).toMatchObject({ method: 'alipay.trade.pay' });
    const text = JSON.stringify(site.journal.entries());
    expect(text).not.toContain(authCode);
    expect(text).not.toContain('PRIVATE KEY');
  });

  it('names the order of a request that only says trade_no', async () => {
    const { trade_no: tradeNo } = await pay(site, 'j2');
    await call(site, 'trade.query', { trade_no: tradeNo });
    expect(site.journal.entries({ limit: 1 })[0]?.id).toBe('j2');
    const credentials = await site.enroll();
    const theirs = await pay(site, 'j3', '1.00', { credentials });
    await call(site, 'trade.query', { trade_no: theirs['trade_no'] }, { credentials });
    expect(site.journal.entries({ limit: 1 })[0]?.id).toBe('j3');
    site.faults.arm({ fault: 'system-error', id: 'j2' });
    const node = await call(site, 'trade.query', { trade_no: tradeNo });
    expect(node['code']).toBe('20000');
  });
});
