import { createVerify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AlipaySite, messageLadderMs } from '../src/index.ts';
import { certificateSn, rootCertificateSn } from '../src/seal.ts';
import { call, canonical, collect, type Node, pay, start } from './client.ts';

const minute = 60_000;
const day = 86_400_000;
const opening = 100_000;
let site: AlipaySite;
beforeEach(async () => {
  site = await start({
    appGatewayUrl: 'http://merchant.example/app',
    openingBalance: opening,
    payoutArrivalMs: 10 * minute,
  });
});
afterEach(() => site.stop());

/** Transfers are for certificate mode. */
const certified = (method: string, biz: object): Promise<Node> => {
  const { merchantCert, rootCert } = site.credentials;
  const extra = {
    app_cert_sn: certificateSn(merchantCert),
    alipay_root_cert_sn: rootCertificateSn(rootCert),
  };
  return call(site, method, biz, { extra });
};

let count = 0;
const fresh = () => `payout_${++count}`;
const wallet = { identity: '2088123456789012', identity_type: 'ALIPAY_USER_ID' };
const card = { identity: '6222021234567890', identity_type: 'BANKCARD_ACCOUNT', name: '王五' };
const transferTerms = (id: string, amount = '10.00', more: object = {}) => ({
  out_biz_no: id,
  trans_amount: amount,
  product_code: 'TRANS_ACCOUNT_NO_PWD',
  biz_scene: 'DIRECT_TRANSFER',
  order_title: '佣金',
  payee_info: wallet,
  ...more,
});
const transfer = (id: string, amount?: string, more?: object) =>
  certified('fund.trans.uni.transfer', transferTerms(id, amount, more));
const query = (id: string) =>
  certified('fund.trans.common.query', {
    out_biz_no: id,
    product_code: 'TRANS_ACCOUNT_NO_PWD',
    biz_scene: 'DIRECT_TRANSFER',
  });
const balance = () =>
  call(site, 'fund.account.query', {
    account_type: 'ACCTRANS_ACCOUNT',
    alipay_user_id: site.credentials.sellerId,
  });
const balances = async () => {
  const { available_amount: available, freeze_amount: frozen } = await balance();
  return [available, frozen];
};
function checkBook(): void {
  const { accounts } = site.book() as { accounts: { balance: number }[] };
  expect(accounts.reduce((sum, account) => sum + account.balance, 0)).toBe(0);
}

describe('a transfer to a wallet', () => {
  it('arrives at once, and once per number', async () => {
    const id = fresh();
    const node = await transfer(id);
    expect(node).toMatchObject({
      code: '10000',
      out_biz_no: id,
      status: 'SUCCESS',
      trans_date: '2026-11-24 15:08:09',
    });
    expect(await transfer(id)).toEqual(node);
    expect((await transfer(id, '10.01'))['sub_code']).toBe('PAYMENT_INFO_INCONSISTENCY');
    const named = { payee_info: { ...wallet, name: '王五' } };
    expect((await transfer(id, '10.00', named))['sub_code']).toBe('PAYMENT_INFO_INCONSISTENCY');
    expect(site.payout(id)).toEqual({
      merchantId: id,
      channelId: node['order_id'],
      state: 'SUCCESS',
      transfers: 1,
      paid: 1_000,
      returned: 0,
    });
    expect(await balances()).toEqual(['990.00', '0.00']);
    checkBook();
  });

  it('is another one under the same number for another product', async () => {
    const id = fresh();
    await transfer(id);
    const other = { product_code: 'STD_RED_PACKET', biz_scene: 'PERSONAL_COLLECTION' };
    expect(await transfer(id, '0.01', other)).toMatchObject({ status: 'SUCCESS' });
    expect(await balances()).toEqual(['989.99', '0.00']);
  });

  it('is told of by query, under any of its numbers', async () => {
    const id = fresh();
    const { order_id: orderId, pay_fund_order_id: fundOrderId } = await transfer(id);
    const node = await query(id);
    expect(node).toMatchObject({
      order_id: orderId,
      pay_fund_order_id: fundOrderId,
      status: 'SUCCESS',
      trans_amount: '10.00',
      pay_date: '2026-11-24 15:08:09',
      receiver_user_id: wallet.identity,
    });
    for (const biz of [{ order_id: orderId }, { pay_fund_order_id: fundOrderId, order_id: '1' }]) {
      expect(await certified('fund.trans.common.query', biz)).toEqual(node);
    }
    expect((await query('never'))['sub_code']).toBe('ORDER_NOT_EXIST');
    const bare = await certified('fund.trans.common.query', { out_biz_no: id });
    expect(bare['sub_code']).toBe('INVALID_PARAMETER');
  });

  it('needs the money; the number is free for another try', async () => {
    const id = fresh();
    expect((await transfer(id, '1000.01'))['sub_code']).toBe('PAYER_BALANCE_NOT_ENOUGH');
    expect(site.payout(id)).toBeUndefined();
    await pay(site, 'income', '0.01');
    expect(await transfer(id, '1000.01')).toMatchObject({ status: 'SUCCESS' });
    const refund = { out_trade_no: 'income', refund_amount: '0.01' };
    const short = await call(site, 'trade.refund', refund);
    expect(short['sub_code']).toBe('ACQ.SELLER_BALANCE_NOT_ENOUGH');
    const cancelled = await call(site, 'trade.cancel', { out_trade_no: 'income' });
    expect(cancelled['sub_code']).toBe('ACQ.SELLER_BALANCE_NOT_ENOUGH');
    expect(site.book('income')).toMatchObject({ refunds: 0, state: 'TRADE_SUCCESS' });
    checkBook();
  });

  it.each([
    ['a user id of nobody', { payee_info: { ...wallet, identity: '1' } }, 'PAYEE_NOT_EXIST'],
    ['a card of letters', { payee_info: { ...card, identity: 'abc' } }, 'INVALID_CARDNO'],
    ['a card without a name', { payee_info: { ...card, name: '' } }, 'INVALID_PARAMETER'],
    [
      'an account name without a name',
      { payee_info: { identity: 'a@b.cn', identity_type: 'ALIPAY_LOGON_ID' } },
      'INVALID_PARAMETER',
    ],
    ['another scene', { biz_scene: 'X' }, 'INVALID_PARAMETER'],
    ['no payee', { payee_info: undefined }, 'INVALID_PARAMETER'],
    ['too little', { trans_amount: '0.09' }, 'EXCEED_LIMIT_SM_MIN_AMOUNT'],
    ['too much', { trans_amount: '100000000.01' }, 'EXCEED_LIMIT_SM_AMOUNT'],
  ])('is refused with %s', async (_, change, subCode) => {
    const id = fresh();
    expect((await transfer(id, '1.00', change))['sub_code']).toBe(subCode);
    expect(site.payout(id)).toBeUndefined();
  });

  it('is for certificate mode, unless the option says otherwise', async () => {
    const id = fresh();
    const bare = await call(site, 'fund.trans.uni.transfer', transferTerms(id));
    expect(bare['sub_code']).toBe('isv.missing-app-cert-sn');
    const own = { ...wallet, identity: site.credentials.sellerId };
    const self = await transfer(id, '1.00', { payee_info: own });
    expect(self['sub_code']).toBe('PAYER_PAYEE_CANNOT_SAME');
    await site.stop();
    site = await start({ transfersNeedCertificates: false });
    const open = await call(site, 'fund.trans.uni.transfer', transferTerms(id));
    expect(open).toMatchObject({ status: 'SUCCESS' });
  });
});

describe('a transfer to a bank card', () => {
  it('is under way, then arrives and is told to the app gateway', async () => {
    const told = collect(site);
    const id = fresh();
    expect(await transfer(id, '10.00', { payee_info: card })).toMatchObject({ status: 'DEALING' });
    const underWay = await query(id);
    expect(underWay).toMatchObject({ status: 'DEALING', order_fee: '0.00' });
    expect(underWay['trans_amount']).toBeUndefined();
    expect(await balances()).toEqual(['990.00', '10.00']);
    expect(site.payout(id)).toMatchObject({ transfers: 0, paid: 0 });
    await site.clock.advance(10 * minute);
    expect(site.payout(id)).toMatchObject({ state: 'SUCCESS', transfers: 1, paid: 1_000 });
    expect(await query(id)).toMatchObject({ status: 'SUCCESS', trans_amount: '10.00' });
    expect(await balances()).toEqual(['990.00', '0.00']);
    expect(told).toHaveLength(1);
    const { sign = '', ...fields } = told[0]?.fields ?? {};
    expect(fields).toMatchObject({
      msg_method: 'alipay.fund.trans.order.changed',
      utc_timestamp: String(site.clock.now()),
      version: '1.1',
      app_id: site.credentials.appId,
      sign_type: 'RSA2',
    });
    const verify = (text: string) =>
      createVerify('RSA-SHA256')
        .update(text)
        .verify(site.credentials.platformPublicKey, sign, 'base64');
    expect(verify(canonical(fields, []))).toBe(true);
    expect(verify(canonical(fields, ['sign_type']))).toBe(false);
    expect(JSON.parse(fields['biz_content'] ?? '')).toMatchObject({
      out_biz_no: id,
      status: 'SUCCESS',
      trans_amount: '10.00',
    });
    checkBook();
  });

  it('obeys the bank: approve lets it arrive, decline makes it fail or sends it back', async () => {
    const [first, second] = [fresh(), fresh()];
    await transfer(first, '10.00', { payee_info: card });
    await site.payer.decline(first);
    expect(site.payout(first)).toMatchObject({ state: 'FAIL', transfers: 0, paid: 0 });
    expect(await query(first)).toMatchObject({
      status: 'FAIL',
      error_code: 'PAYEE_CARD_INFO_ERROR',
    });
    await expect(site.payer.decline(first)).rejects.toThrow('cannot be declined');
    await transfer(second, '10.00', { payee_info: card });
    await site.payer.approve(second);
    await site.payer.approve(second);
    expect(site.payout(second)).toMatchObject({ state: 'SUCCESS', transfers: 1 });
    await site.payer.decline(second);
    expect(site.payout(second)).toMatchObject({ state: 'REFUND', paid: 1_000, returned: 1_000 });
    expect(await query(second)).toMatchObject({ status: 'REFUND' });
    expect(await balances()).toEqual(['1000.00', '0.00']);
    await site.clock.advance(day);
    expect(site.payout(first)).toMatchObject({ state: 'FAIL' });
    checkBook();
  });
});

describe('stories of payouts', () => {
  it.each([
    ['payout-dealing', 10 * minute, 'SUCCESS', ['990.00', '0.00'], 1],
    ['payout-fails-late', 10 * minute, 'FAIL', ['1000.00', '0.00'], 1],
    ['payout-returned', day, 'REFUND', ['1000.00', '0.00'], 2],
  ])('%s', async (fault, after, state, held, messages) => {
    const told = collect(site);
    const id = fresh();
    site.faults.arm({ fault });
    const node = await transfer(id);
    expect(node['status']).toBe(fault === 'payout-returned' ? 'SUCCESS' : 'DEALING');
    await site.clock.advance(after - 1);
    expect((await query(id))['status']).toBe(node['status']);
    await site.clock.advance(1);
    expect(site.payout(id)).toMatchObject({ state });
    expect(await balances()).toEqual(held);
    await site.notifier.idle();
    expect(told).toHaveLength(messages);
    checkBook();
  });

  it('take their own time and reason', async () => {
    const id = fresh();
    site.faults.arm({ fault: 'payout-fails-late', afterMs: 5, errorCode: 'CARD_BIN_ERROR' });
    await transfer(id);
    await site.clock.advance(5);
    expect(await query(id)).toMatchObject({ status: 'FAIL', error_code: 'CARD_BIN_ERROR' });
  });
});

describe('a message', () => {
  it('is repeated on a ladder of its own, spoilt and forged as notifications are', async () => {
    const told = collect(site, () => 'fail');
    site.faults.arm({ fault: 'wrong-amount', operation: 'alipay.fund.trans.order.changed' });
    await transfer(fresh());
    await site.notifier.idle();
    expect(JSON.parse(told[0]?.fields['biz_content'] ?? '')).toMatchObject({
      trans_amount: '10.01',
    });
    await site.clock.advance(2 * day);
    const gaps = told.slice(1).map(({ at }, index) => at - (told[index]?.at ?? 0));
    expect(gaps).toEqual(messageLadderMs);
    expect(messageLadderMs.map((ms) => ms / minute)).toEqual([2, 10, 10, 60, 120, 360, 900]);
    expect(new Set(told.map(({ fields }) => fields['notify_id'])).size).toBe(1);
  });

  it('goes where the app gateway is, or nowhere', async () => {
    await site.stop();
    site = await start({ transfersNeedCertificates: false });
    const told = collect(site);
    const plain = (id: string) => call(site, 'fund.trans.uni.transfer', transferTerms(id));
    await plain('g1');
    await site.notifier.idle();
    expect(told).toHaveLength(0);
    site.setAppGateway('http://merchant.example/other');
    await plain('g2');
    await site.notifier.idle();
    expect(told).toHaveLength(1);
    expect(() => site.setAppGateway('nowhere')).toThrow('no address');
    expect(() => site.setAppGateway('http://a.example', '0')).toThrow('No app');
  });

  it('has its address set over HTTP as well', async () => {
    await site.stop();
    site = await start({ mount: 'http' });
    const url = `${site.url}/_sim/app-gateway`;
    const body = new URLSearchParams({ url: 'http://merchant.example/set' });
    expect((await fetch(url, { method: 'POST', body })).status).toBe(200);
    const { appId } = site.credentials;
    expect(await (await fetch(url)).json()).toEqual({ [appId]: 'http://merchant.example/set' });
    const bad = new URLSearchParams({ url: 'nowhere' });
    expect((await fetch(url, { method: 'POST', body: bad })).status).toBe(400);
  });
});

describe('the balance', () => {
  it('is told to its owner only', async () => {
    expect(await balance()).toMatchObject({ available_amount: '1000.00', total_amount: '1000.00' });
    const ask = (biz: object) => call(site, 'fund.account.query', biz);
    const stranger = { account_type: 'ACCTRANS_ACCOUNT', alipay_user_id: wallet.identity };
    expect((await ask(stranger))['sub_code']).toBe('NO_PERMISSION_ACCOUNT');
    expect((await ask({ account_type: 'ACCTRANS_ACCOUNT' }))['sub_code']).toBe('INVALID_PARAMETER');
    expect((await ask({ account_type: 'X' }))['sub_code']).toBe('INVALID_PARAMETER');
    await pay(site, 'b1', '5.00');
    expect(await balances()).toEqual(['1005.00', '0.00']);
  });
});
