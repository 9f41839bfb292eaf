/** npm clients of API v3 as their users get them, against the simulator on a port. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import axiosPlugin from 'wechatpay-axios-plugin';
import WxPay from 'wechatpay-node-v3';
import { startWechatPay, type WechatPayCredentials, type WechatPaySite } from '../src/index.ts';
import type { Fields, Json } from './client.ts';

const { Wechatpay, Aes, Formatter, Rsa } = axiosPlugin as unknown as Json;

let site: WechatPaySite;
let stopEndpoint: () => void = () => undefined;
afterEach(async () => {
  stopEndpoint();
  await site.stop();
});

interface Heard {
  readonly headers: Fields;
  readonly text: string;
}

/** A merchant's server that says yes to everything it hears. */
async function endpoint(): Promise<{ url: string; heard: Heard[] }> {
  const heard: Heard[] = [];
  const server = createServer((incoming, outgoing) => {
    let text = '';
    incoming.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    incoming.on('end', () => {
      heard.push({ headers: incoming.headers as Fields, text });
      outgoing.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stopEndpoint = () => void server.close();
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`, heard };
}

const start = () => startWechatPay({ shareKeys: true, tlsBeside: false, refundArrivalMs: 60_000 });
const today = (): string => site.discovery()!['billDate' as keyof object];

describe.each(['certificate', 'public-key'] as const)('wechatpay-axios-plugin, %s', (keys) => {
  const clientOf = (credentials: WechatPayCredentials) => {
    const { mchId, merchantCertSerial, merchantPrivateKey } = credentials;
    const { platformCertSerial, platformCert, platformPublicKeyId, platformPublicKey } =
      credentials;
    return new Wechatpay({
      mchid: mchId,
      serial: merchantCertSerial,
      privateKey: merchantPrivateKey,
      certs:
        keys === 'certificate'
          ? { [platformCertSerial]: platformCert }
          : { [platformPublicKeyId]: platformPublicKey },
      baseURL: `${site.url}/`,
    });
  };

  it('creates, queries, closes, refunds, and reads a bill', async () => {
    site = await start();
    const credentials = await site.enroll(keys);
    const { appId: appid, mchId: mchid, apiV3Key } = credentials;
    const { url: notify_url, heard } = await endpoint();
    const wxpay = clientOf(credentials);
    const create = (out_trade_no: string) =>
      wxpay.v3.pay.transactions.native.post({
        mchid,
        appid,
        out_trade_no,
        description: 'Image形象店-深圳腾大-QQ公仔',
        notify_url,
        amount: { total: 100 },
      });
    const query = (id: string) =>
      wxpay.v3.pay.transactions.outTradeNo[id]
        .get({ params: { mchid } })
        .then((r: Json) => r['data']);
    expect((await create('order_1')).data.code_url).toMatch(/^weixin:/);
    await create('order_2');
    expect((await query('order_1')).trade_state).toBe('NOTPAY');
    const unknown = await query('order_9').catch((error: Json) => error['response']);
    expect([unknown.status, unknown.data.code]).toEqual([404, 'ORDER_NOT_EXIST']);
    const closed = await wxpay.v3.pay.transactions.outTradeNo.order_2.close.post({ mchid });
    expect(closed.status).toBe(204);
    await site.payer.approve('order_1');
    expect((await query('order_1')).trade_state).toBe('SUCCESS');

    await expect.poll(() => heard.length).toBe(1);
    const { headers, text } = heard[0]!;
    const stamp = headers['wechatpay-timestamp'];
    const message = Formatter.response(stamp, headers['wechatpay-nonce'], text);
    const key = keys === 'certificate' ? credentials.platformCert : credentials.platformPublicKey;
    const signature = headers['wechatpay-signature'];
    expect(Rsa.verify(message, signature, key)).toBe(true);
    expect(Rsa.verify(message.replace('TRANSACTION', 'transaction'), signature, key)).toBe(false);
    const { ciphertext, nonce, associated_data: aad } = JSON.parse(text).resource;
    const news = JSON.parse(Aes.AesGcm.decrypt(ciphertext, apiV3Key, nonce, aad));
    expect(news).toMatchObject({ out_trade_no: 'order_1', amount: { total: 100 } });
    const tampered = `${ciphertext.startsWith('B') ? 'C' : 'B'}${ciphertext.slice(1)}`;
    expect(() => Aes.AesGcm.decrypt(tampered, apiV3Key, nonce, aad)).toThrow();

    const refunded = await wxpay.v3.refund.domestic.refunds.post({
      out_trade_no: 'order_1',
      out_refund_no: 'r_1',
      amount: { refund: 40, total: 100, currency: 'CNY' },
    });
    expect(refunded.data.status).toBe('PROCESSING');
    const asked = await wxpay.v3.refund.domestic.refunds['{out_refund_no}'].get({
      out_refund_no: 'r_1',
    });
    expect(asked.data).toMatchObject({ out_refund_no: 'r_1', amount: { refund: 40 } });
    await site.settle(today());
    const params = { bill_date: today(), bill_type: 'ALL' };
    const { data } = await wxpay.v3.bill.tradebill.get({ params });
    const target = new URL(data.download_url);
    const bill = await wxpay.v3.billdownload.file.get({
      params: { token: target.searchParams.get('token') },
      responseType: 'arraybuffer',
      transformResponse: [(bytes: Buffer) => bytes],
    });
    expect(Buffer.from(bill.data).toString('utf8')).toContain('`order_1,`');
    expect(site.book('order_1')).toMatchObject({ debits: 1, refunds: 1, refunded: 40 });
  });

  it('does not believe an answer that was tampered with', async () => {
    site = await start();
    const credentials = await site.enroll(keys);
    const wxpay = clientOf(credentials);
    site.faults.arm({ fault: 'bad-signature' });
    const params = { mchid: credentials.mchId };
    const body = { mchid: params.mchid, appid: credentials.appId, out_trade_no: 'order_1' };
    const more = { description: 'x', notify_url: 'https://shop.example/', amount: { total: 1 } };
    const made = wxpay.v3.pay.transactions.native.post({ ...body, ...more });
    await expect(made).rejects.toMatchObject({ code: 'EV3_RES_HEADER_SIGNATURE_DIGEST' });
  });
});

/** Sends what the client signed for the real host to the simulator instead. */
const rewriting = () => {
  const exchange = async (url: string, options: RequestInit) => {
    const reply = await fetch(url.replace('https://api.mch.weixin.qq.com', site.url), options);
    const text = await reply.text();
    const { status } = reply;
    const type = reply.headers.get('content-type') ?? '';
    const data = type.startsWith('application/json') ? JSON.parse(text) : text;
    return status < 300 ? { status, data } : { status, error: text };
  };
  return {
    get: (url: string, headers: Fields) => exchange(url, { headers }),
    post: (url: string, params: unknown, headers: Fields) =>
      exchange(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        ...(params === undefined ? {} : { body: JSON.stringify(params) }),
      }),
  };
};

describe('wechatpay-node-v3', () => {
  it('creates, queries, closes, refunds, hears, and reads a bill', async () => {
    site = await start();
    const { credentials } = site;
    const { url: notify_url, heard } = await endpoint();
    const pay = new WxPay({
      appid: credentials.appId,
      mchid: credentials.mchId,
      publicKey: Buffer.from(credentials.merchantCert),
      privateKey: Buffer.from(credentials.merchantPrivateKey),
      key: credentials.apiV3Key,
    });
    pay.createHttp(rewriting() as never);
    const create = (out_trade_no: string): Promise<Json> =>
      pay.transactions_native({
        description: '测试',
        out_trade_no,
        notify_url,
        amount: { total: 100 },
      }) as Promise<Json>;
    expect((await create('order_1'))['data'].code_url).toMatch(/^weixin:/);
    await create('order_2');
    const query = async (out_trade_no: string): Promise<Json> => pay.query({ out_trade_no });
    expect((await query('order_1'))['data'].trade_state).toBe('NOTPAY');
    expect(await query('order_9')).toMatchObject({ status: 404 });
    expect(await pay.close('order_2')).toMatchObject({ status: 204 });
    await site.payer.approve('order_1');
    expect((await query('order_1'))['data'].trade_state).toBe('SUCCESS');
    await expect.poll(() => heard.length).toBe(1);
    const { headers, text } = heard[0]!;
    const seal = {
      timestamp: headers['wechatpay-timestamp'] ?? '',
      nonce: headers['wechatpay-nonce'] ?? '',
      serial: headers['wechatpay-serial'] ?? '',
      signature: headers['wechatpay-signature'] ?? '',
    };
    expect(await pay.verifySign({ ...seal, body: text })).toBe(true);
    expect(await pay.verifySign({ ...seal, body: text.replace('支付', '退款') })).toBe(false);
    const { ciphertext, nonce, associated_data: aad } = JSON.parse(text).resource;
    expect(pay.decipher_gcm(ciphertext, aad, nonce)).toMatchObject({ out_trade_no: 'order_1' });
    const refunded = (await pay.refunds({
      out_trade_no: 'order_1',
      out_refund_no: 'r_1',
      amount: { refund: 40, total: 100, currency: 'CNY' },
    })) as Json;
    expect(refunded['data']).toMatchObject({ status: 'PROCESSING' });
    expect(((await pay.find_refunds('r_1')) as Json)['data']).toMatchObject({
      out_refund_no: 'r_1',
    });
    await site.settle(today());
    const bill = (await pay.tradebill({ bill_date: today(), bill_type: 'ALL' })) as Json;
    const real = bill['data'].download_url.replace(site.url, 'https://api.mch.weixin.qq.com');
    const file = (await pay.downloadBill(real)) as Json;
    expect(file['data']).toContain('`order_1,`');
  });
});
