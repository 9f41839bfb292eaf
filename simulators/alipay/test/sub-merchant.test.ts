/** An app that acts for another merchant, by the token he gave it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlipaySite } from '../src/index.ts';
import { call, collect, pay, start, terms } from './client.ts';

let site: AlipaySite;
let token: { readonly extra: Record<string, string> };
beforeEach(async () => {
  site = await start();
  token = { extra: { app_auth_token: site.credentials.appAuthToken } };
});
afterEach(() => site.stop());

describe('app_auth_token', () => {
  it('gives the order to the merchant whose it is', async () => {
    const told = collect(site);
    const extra = { ...token.extra, notify_url: 'http://merchant.example/' };
    expect(await pay(site, 'm1', '7.00', { extra })).toMatchObject({ code: '10000' });
    await site.notifier.idle();
    const { appId, sellerId, authAppId, authSellerId } = site.credentials;
    expect(new Set([appId, sellerId, authAppId, authSellerId]).size).toBe(4);
    expect(told[0]?.fields).toMatchObject({
      app_id: appId,
      auth_app_id: authAppId,
      seller_id: authSellerId,
    });
    const { accounts } = site.book() as { accounts: unknown };
    const text = JSON.stringify(accounts);
    expect(text).toContain(`merchant:${authSellerId}`);
    const order = { out_trade_no: 'm1' };
    expect(await call(site, 'trade.query', order)).toMatchObject({
      sub_code: 'ACQ.TRADE_NOT_EXIST',
    });
    expect(await call(site, 'trade.query', order, token)).toMatchObject({
      trade_status: 'TRADE_SUCCESS',
    });
  });

  it('opens a namespace of its own', async () => {
    await call(site, 'trade.precreate', terms('m2', '1.00'));
    await call(site, 'trade.precreate', terms('m2', '2.00'), token);
    const { appId, authAppId } = site.credentials;
    await site.payer.approve('m2', { appId: authAppId });
    expect(site.book('m2', authAppId)).toMatchObject({ state: 'TRADE_SUCCESS', paid: 200 });
    expect(site.book('m2', appId)).toMatchObject({ state: 'UNSCANNED', paid: 0 });
  });

  it('names the seller that may be named', async () => {
    const { sellerId, authSellerId } = site.credentials;
    const precreate = (seller: string) =>
      call(site, 'trade.precreate', { ...terms('m3'), seller_id: seller }, token);
    expect(await precreate(sellerId)).toMatchObject({ sub_code: 'ACQ.SELLER_NOT_EXIST' });
    expect(await precreate(authSellerId)).toMatchObject({ code: '10000' });
  });

  it('lets faults find an order by its trade number', async () => {
    const { trade_no: tradeNo } = await pay(site, 'm4', '1.00', token);
    site.faults.arm({ fault: 'system-error', id: 'm4' });
    expect(await call(site, 'trade.query', { trade_no: tradeNo }, token)).toMatchObject({
      sub_code: 'aop.ACQ.SYSTEM_ERROR',
    });
  });

  it.each([
    ['of nobody', () => 'x'],
    ["of another app's merchant", async () => (await site.enroll()).appAuthToken],
  ])('%s is refused', async (_, made) => {
    const extra = { app_auth_token: await made() };
    expect(await call(site, 'trade.query', { out_trade_no: 'x' }, { extra })).toMatchObject({
      code: '20001',
      sub_code: 'aop.invalid-app-auth-token',
    });
  });
});
