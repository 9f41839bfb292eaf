/**
 * clearing · town: for these tests, two payers' simulators and their clearing house on one clock,
 * each used through its vendor's own client.
 */
import { type AlipaySite, startAlipay } from '@polyrail/alipay-simulator';
import { createVirtualClock, type VirtualClock } from '@polyrail/simulator';
import { startWechatPay, type WechatPaySite } from '@polyrail/wechatpay-simulator';
import { AlipaySdk } from 'alipay-sdk';
import axiosPlugin from 'wechatpay-axios-plugin';
import { type ClearingSite, type ClearingStartOptions, startClearing } from '../src/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: the client has no types of its own
type Loose = any;
const { Wechatpay } = axiosPlugin as unknown as Loose;

/** Before nine in the evening, so that the day's cut-off is near. */
const startAt = Date.parse('2026-11-24T20:00:00.000+08:00');

export interface Shop {
  /** Fen. */
  pay(id: string, amount: number): Promise<unknown>;
  refund(id: string, of: string, amount: number): Promise<unknown>;
}

export interface AlipayShop extends Shop {
  /** Fen, to a bank card or to somebody's account at Alipay. */
  transfer(id: string, to: 'BANKCARD_ACCOUNT' | 'ALIPAY_USER_ID', amount: number): Promise<unknown>;
}

export interface Town {
  readonly clock: VirtualClock;
  readonly house: ClearingSite;
  readonly alipay: AlipaySite;
  readonly wechatpay: WechatPaySite;
  /** A merchant's ways to each payer. */
  readonly shops: { readonly alipay: AlipayShop; readonly wechatpay: Shop };
  readonly wechatClient: Loose;
  [Symbol.asyncDispose](): Promise<void>;
}

const yuan = (fen: number): string => (fen / 100).toFixed(2);

function alipayShop(site: AlipaySite): AlipayShop {
  const { appId, merchantPrivateKey, platformPublicKey, gatewayUrl } = site.credentials;
  const sdk = new AlipaySdk({
    appId,
    privateKey: merchantPrivateKey,
    keyType: 'PKCS8',
    gateway: gatewayUrl,
    alipayPublicKey: platformPublicKey,
  });
  let codes = 0;
  return {
    pay(id, amount) {
      codes += 1;
      const auth_code = `28${String(codes).padStart(16, '0')}`;
      const terms = { out_trade_no: id, total_amount: yuan(amount), subject: 'Tea' };
      return sdk.exec('alipay.trade.pay', {
        bizContent: { ...terms, auth_code, scene: 'bar_code' },
      });
    },
    refund: (id, of, amount) =>
      sdk.exec('alipay.trade.refund', {
        bizContent: { out_trade_no: of, out_request_no: id, refund_amount: yuan(amount) },
      }),
    transfer: (id, identity_type, amount) =>
      sdk.exec('alipay.fund.trans.uni.transfer', {
        bizContent: {
          out_biz_no: id,
          trans_amount: yuan(amount),
          product_code: 'TRANS_ACCOUNT_NO_PWD',
          biz_scene: 'DIRECT_TRANSFER',
          order_title: 'Wages',
          payee_info: { identity: '2088123456789012', identity_type, name: 'Wang' },
        },
      }),
  };
}

function wechatClientOf(site: WechatPaySite): Loose {
  const { mchId, merchantCertSerial, merchantPrivateKey } = site.credentials;
  const { platformPublicKeyId, platformPublicKey } = site.credentials;
  return new Wechatpay({
    mchid: mchId,
    serial: merchantCertSerial,
    privateKey: merchantPrivateKey,
    certs: { [platformPublicKeyId]: platformPublicKey },
    baseURL: `${site.url}/`,
  });
}

function wechatShop(site: WechatPaySite, client: Loose): Shop {
  const { mchId: mchid, appId: appid } = site.credentials;
  return {
    async pay(id, total) {
      const notify_url = 'https://shop.example/notify';
      const terms = { mchid, appid, out_trade_no: id, description: 'Tea', notify_url };
      await client.v3.pay.transactions.native.post({ ...terms, amount: { total } });
      await site.payer.approve(id);
    },
    refund(id, of, refund) {
      const { paid = 0 } = site.book(of) ?? {};
      const amount = { refund, total: paid, currency: 'CNY' };
      const body = { out_trade_no: of, out_refund_no: id, amount };
      return client.v3.refund.domestic.refunds.post(body);
    },
  };
}

export async function openTown(options: ClearingStartOptions = {}): Promise<Town> {
  const clock = createVirtualClock({ startAt, frozen: true });
  const house = await startClearing({ clock, seed: 7, mount: 'in-process', ...options });
  const shared = { clock, seed: 7, shareKeys: true, clearing: house };
  const alipay = await startAlipay({ ...shared, transfersNeedCertificates: false });
  const wechatpay = await startWechatPay({ ...shared, tlsBeside: false, keys: 'public-key' });
  // Nobody listens to what they push.
  const ok = async () => ({ status: 204, headers: {}, body: new Uint8Array() });
  wechatpay.listen(ok);
  alipay.listen(ok);
  const wechatClient = wechatClientOf(wechatpay);
  return {
    clock,
    house,
    alipay,
    wechatpay,
    wechatClient,
    shops: { alipay: alipayShop(alipay), wechatpay: wechatShop(wechatpay, wechatClient) },
    async [Symbol.asyncDispose]() {
      await Promise.all([alipay.stop(), wechatpay.stop(), house.stop()]);
      clock.stop();
    },
  };
}
