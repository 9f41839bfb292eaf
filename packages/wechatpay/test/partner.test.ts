import { describe, expect, it } from 'vitest';
import {
  appId,
  cny,
  gateway,
  keyConfig,
  mchId,
  ok,
  order,
  payment,
  push,
  thrown,
  transaction,
} from './gateway.ts';

const subMchId = '1900000109';
const config = { ...keyConfig, subMerchant: { mchId: subMchId } } as const;
const ownApp = { ...keyConfig, subMerchant: { mchId: subMchId, appId: 'wxsub1' } } as const;
const { appid: _appId, mchid: _mchId, ...rest } = transaction;
const told = { ...rest, sp_appid: appId, sp_mchid: mchId, sub_mchid: subMchId } as const;
const request = { ...order, scene: 'in-wallet', payerId: 'oUpF8' } as const;

describe('a service provider', () => {
  it('names both merchants, and the payer by the application paid in', async () => {
    const site = gateway(() => ok({ prepay_id: 'wx1' }));
    const result = await site.channel(config).pay(request);
    expect(site.heard[0]).toMatchObject({
      target: '/v3/pay/partner/transactions/jsapi',
      fields: {
        sp_appid: appId,
        sp_mchid: mchId,
        sub_mchid: subMchId,
        payer: { sp_openid: 'oUpF8' },
      },
    });
    expect(site.heard[0]?.fields).not.toHaveProperty('mchid');
    expect(result).toMatchObject({ nextAction: { parameters: { appId } } });
    const own = await site.channel(ownApp).pay(request);
    expect(site.heard[1]?.fields).toMatchObject({
      sub_appid: 'wxsub1',
      payer: { sub_openid: 'oUpF8' },
    });
    expect(own).toMatchObject({ nextAction: { parameters: { appId: 'wxsub1' } } });
    const app = await site.channel(ownApp).pay({ ...order, scene: 'app' });
    expect(app).toMatchObject({
      nextAction: { parameters: { appid: 'wxsub1', partnerid: subMchId } },
    });
  });

  it('asks, closes, refunds and pays out for the other merchant', async () => {
    const site = gateway(({ method, target }) =>
      target.endsWith('/close')
        ? { status: 204 }
        : method === 'GET'
          ? ok(told)
          : ok({ out_bill_no: 'payout1', state: 'ACCEPTED' }),
    );
    const channel = site.channel(config);
    expect((await channel.query(payment)).status).toBe('succeeded');
    expect((await channel.close(payment)).status).toBe('succeeded');
    await channel.refund({ payment, merchantRefundId: 'refund_1', amount: cny(1) });
    await channel.payout({
      merchantPayoutId: 'payout1',
      amount: cny(100),
      purpose: 'x',
      payee: { kind: 'wallet', id: 'o1' },
      extra: { sceneId: '1000', report: [{ type: 'a', content: 'b' }] },
    });
    await thrown(channel.queryRefund({ ...payment, noun: 'refund' }));
    await thrown(channel.statement({ kind: 'trade', date: '2026-11-20' }));
    expect(site.targets()).toEqual([
      `GET /v3/pay/partner/transactions/out-trade-no/order_1?sp_mchid=${mchId}&sub_mchid=${subMchId}`,
      'POST /v3/pay/partner/transactions/out-trade-no/order_1/close',
      'POST /v3/refund/domestic/refunds',
      'POST /v3/fund-app/mch-transfer/partner/transfer-bills',
      `GET /v3/refund/domestic/refunds/order_1?sub_mchid=${subMchId}`,
      `GET /v3/bill/tradebill?bill_date=2026-11-20&bill_type=ALL&tar_type=GZIP&sub_mchid=${subMchId}`,
    ]);
    expect(site.heard[1]?.fields).toEqual({ sp_mchid: mchId, sub_mchid: subMchId });
    expect(site.heard[2]?.fields).toMatchObject({ sub_mchid: subMchId });
  });

  it('opens notifications about that merchant only', async () => {
    const receive = (body: object) =>
      gateway(() => ok({}))
        .channel(config)
        .receive(push(body));
    expect((await receive(told)).facts[0].status).toBe('succeeded');
    const foreign = [{ sub_mchid: '1900000110' }, { sp_mchid: '1900000001' }, { sp_appid: 'wx' }];
    for (const more of foreign) {
      expect((await thrown(receive({ ...told, ...more }))).code).toBe('NOTIFICATION_FOREIGN');
    }
  });

  it('believes no answer about another merchant', async () => {
    for (const more of [{ sub_mchid: '1900000110' }, { sp_mchid: '1900000001' }]) {
      const site = gateway(() => ok({ ...told, ...more }));
      expect((await thrown(site.channel(config).query(payment))).code).toBe('REPLY_UNVERIFIED');
    }
  });
});
