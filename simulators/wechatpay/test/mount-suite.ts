/** npm clients of both protocols with their default addresses, WeChat Pay's real ones. */

import { type NetworkWatch, watchNetwork } from '@polyrail/contest';
import tenpay from 'tenpay';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import axiosPlugin from 'wechatpay-axios-plugin';
import WxPay from 'wechatpay-node-v3';
import { startWechatPay, type WechatPaySite } from '../src/index.ts';
import type { Fields, Json } from './client.ts';

const { Wechatpay, Aes, Formatter, Rsa } = axiosPlugin as unknown as Json;

interface Stood extends AsyncDisposable {
  stop(): Promise<void>;
}

interface Heard {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/** `sleep` takes off what a library leaves on by itself, and gives what puts it back. */
export function describeVendors(
  name: string,
  mount: (site: WechatPaySite) => Promise<Stood>,
  sleep: () => () => void = () => () => undefined,
): void {
  describe(`npm clients and WeChat Pay's own hosts, through ${name}`, () => {
    let site: WechatPaySite;
    let stood: Stood;
    let network: NetworkWatch;
    const heard: Heard[] = [];
    beforeAll(async () => {
      site = await startWechatPay({ mount: 'in-process', seed: 5, shareKeys: true });
      stood = await mount(site);
      network = watchNetwork();
      site.listen(({ headers, body }) => {
        heard.push({ headers, text: Buffer.from(body).toString() });
        return { status: 204, headers: {}, body: new Uint8Array() };
      });
    });
    afterAll(async () => {
      network.stop();
      await stood.stop();
      await site.stop();
    });
    beforeEach(() => {
      network.attempts.length = 0;
      heard.length = 0;
    });

    const today = (): string => (site.discovery() as Fields)['billDate'] ?? '';
    const axiosClient = (more: object = {}): Json => {
      const { mchId, merchantCertSerial, merchantPrivateKey } = site.credentials;
      const { platformCertSerial, platformCert } = site.credentials;
      const own = { mchid: mchId, serial: merchantCertSerial, privateKey: merchantPrivateKey };
      return new Wechatpay({ ...own, certs: { [platformCertSerial]: platformCert }, ...more });
    };
    const order = (out_trade_no: string) => {
      const { mchId: mchid, appId: appid } = site.credentials;
      const notify_url = 'https://shop.example/notify';
      const what = { out_trade_no, description: 'Image形象店', amount: { total: 100 } };
      return { mchid, appid, notify_url, ...what };
    };

    it('wechatpay-axios-plugin creates, is told, reads a zipped bill', async () => {
      const wxpay = axiosClient();
      const made = await wxpay['v3'].pay.transactions.native.post(order('axios_1'));
      expect(made.data.code_url).toMatch(/^weixin:/);
      await site.payer.approve('axios_1');
      await expect.poll(() => heard.length).toBe(1);
      const [{ headers, text }] = heard as [Heard];
      const stamp = headers['wechatpay-timestamp'];
      const message = Formatter.response(stamp, headers['wechatpay-nonce'], text);
      const { platformCert, apiV3Key } = site.credentials;
      expect(Rsa.verify(message, headers['wechatpay-signature'], platformCert)).toBe(true);
      const { ciphertext, nonce, associated_data: aad } = JSON.parse(text).resource;
      const news = JSON.parse(Aes.AesGcm.decrypt(ciphertext, apiV3Key, nonce, aad));
      expect(news).toMatchObject({ out_trade_no: 'axios_1', amount: { total: 100 } });
      await site.settle(today());
      const params = { bill_date: today(), bill_type: 'ALL', tar_type: 'GZIP' };
      const { data } = await wxpay['v3'].bill.tradebill.get({ params });
      expect(data.download_url).toMatch(/^https:\/\/api\.mch\.weixin\.qq\.com\/v3\/billdownload\//);
      const query = Object.fromEntries(new URL(data.download_url).searchParams);
      const bill = await wxpay['v3'].billdownload.file.get({
        params: query,
        responseType: 'arraybuffer',
        transformResponse: [(bytes: Buffer) => bytes],
      });
      const { gunzipSync } = await import('node:zlib');
      expect(gunzipSync(bill.data).toString()).toContain('`axios_1,`');
      expect(network.attempts).toEqual([]);
    });

    it.each(['api2.mch.weixin.qq.com', 'api.wechatpay.cn', 'api2.wechatpay.cn'])(
      'wechatpay-axios-plugin reaches %s, the same house',
      async (host) => {
        const wxpay = axiosClient({ baseURL: `https://${host}/` });
        const params = { mchid: site.credentials.mchId };
        const query = wxpay['v3'].pay.transactions.outTradeNo['axios_1'].get({ params });
        expect((await query).data.trade_state).toBe('SUCCESS');
        expect(network.attempts).toEqual([]);
      },
    );

    it('wechatpay-node-v3 creates, queries, closes, and reads a bill, nothing of it replaced', async () => {
      const { appId, mchId, merchantCert, merchantPrivateKey, apiV3Key } = site.credentials;
      const pay = new WxPay({
        appid: appId,
        mchid: mchId,
        publicKey: Buffer.from(merchantCert),
        privateKey: Buffer.from(merchantPrivateKey),
        key: apiV3Key,
      });
      const create = (out_trade_no: string) => {
        const { description, amount, notify_url } = order(out_trade_no);
        return pay.transactions_native({ description, out_trade_no, notify_url, amount });
      };
      const query = async (out_trade_no: string): Promise<Json> => pay.query({ out_trade_no });
      expect(((await create('node_1')) as Json)['data'].code_url).toMatch(/^weixin:/);
      await create('node_2');
      expect(await query('node_9')).toMatchObject({ status: 404 });
      expect(await pay.close('node_2')).toMatchObject({ status: 204 });
      await site.payer.approve('node_1');
      expect((await query('node_1'))['data'].trade_state).toBe('SUCCESS');
      await site.settle(today());
      const bill = (await pay.tradebill({ bill_date: today(), bill_type: 'ALL' })) as Json;
      const file = (await pay.downloadBill(bill['data'].download_url)) as Json;
      expect(String(file['data'])).toContain('`node_1,`');
      expect(network.attempts).toEqual([]);
    });

    it('tenpay creates, queries and refunds over v2', async () => {
      const { appId, mchId, apiKey } = site.credentials;
      const config = { appid: appId, mchid: mchId, partnerKey: apiKey };
      const more = { spbill_create_ip: '203.0.113.9', notify_url: 'https://shop.example/notify' };
      const client: Json = new (tenpay as unknown as new (config: object) => Json)({
        ...config,
        ...more,
      });
      const made = await client['unifiedOrder']({
        out_trade_no: 'tenpay_1',
        body: '商品',
        total_fee: 100,
        trade_type: 'NATIVE',
        product_id: 'p',
      });
      expect(made.code_url).toMatch(/^weixin:/);
      await site.payer.approve('tenpay_1');
      const paid = await client['orderQuery']({ out_trade_no: 'tenpay_1' });
      expect(paid).toMatchObject({ trade_state: 'SUCCESS', total_fee: '100' });
      const numbers = { out_trade_no: 'tenpay_1', out_refund_no: 'tenpay_r' };
      const back = await client['refund']({ ...numbers, total_fee: 100, refund_fee: 40 });
      expect(back).toMatchObject({ result_code: 'SUCCESS', refund_fee: '40' });
      const notes = site.journal.entries({ operation: 'refund' }).map(({ note }) => note);
      expect(notes.join()).toContain('certificate');
      expect(network.attempts).toEqual([]);
    });

    it.each(['drop-request', 'drop-reply', 'reset-mid-body'])('%s is an error', async (fault) => {
      const id = `axios_${fault}`;
      site.faults.arm({ fault, operation: 'transactions.native', id });
      const creating = axiosClient()['v3'].pay.transactions.native.post(order(id));
      await expect(creating).rejects.toThrow();
      expect(site.book(id)?.state).toBe(fault === 'drop-request' ? undefined : 'NOTPAY');
      expect(network.attempts).toEqual([]);
    });

    it('is what held them back: without it they look for the real host', async () => {
      const wxpay = axiosClient();
      await stood.stop();
      const awake = sleep();
      // Made before: Node keeps the TLS session msw pretended, and a key read after it was offered
      // in earnest fails by OpenSSL's complaint about that session.
      const query = () => {
        const params = { mchid: site.credentials.mchId };
        return wxpay['v3'].pay.transactions.outTradeNo['axios_1'].get({ params });
      };
      await expect(query()).rejects.toThrow();
      expect(network.attempts).toContain('lookup api.mch.weixin.qq.com');
      awake();
      stood = await mount(site);
      expect((await query()).data.trade_state).toBe('SUCCESS');
    });
  });
}
