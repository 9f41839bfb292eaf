/** The vendor's own SDK, unmodified, against the simulator on a port. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AlipaySdk, type AlipaySdkCommonResult } from 'alipay-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AlipaySite, startAlipay } from '../src/index.ts';
import { form } from './client.ts';

interface Shop {
  readonly server: Server;
  readonly url: string;
  readonly bodies: string[];
}

/** A merchant's server that keeps what it was told and says success. */
async function openShop(): Promise<Shop> {
  const bodies: string[] = [];
  const server = createServer(async (incoming, outgoing) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    bodies.push(body);
    outgoing.end('success');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}/notify`, bodies };
}

function sdkFor(mode: 'key' | 'cert', site: AlipaySite, folder: string): AlipaySdk {
  const { credentials } = site;
  const common = {
    appId: credentials.appId,
    privateKey: credentials.merchantPrivateKey,
    keyType: 'PKCS8',
    gateway: credentials.gatewayUrl,
  } as const;
  if (mode === 'key') {
    return new AlipaySdk({ ...common, alipayPublicKey: credentials.platformPublicKey });
  }
  const write = (name: string, pem: string) => {
    writeFileSync(join(folder, name), pem);
    return join(folder, name);
  };
  return new AlipaySdk({
    ...common,
    appCertPath: write('app.crt', credentials.merchantCert),
    alipayPublicCertPath: write('alipay.crt', credentials.platformCert),
    alipayRootCertPath: write('root.crt', credentials.rootCert),
  });
}

describe.each(['key', 'cert'] as const)('npm alipay-sdk in %s mode', (mode) => {
  let site: AlipaySite;
  let shop: Shop;
  let sdk: AlipaySdk;
  const folder = mkdtempSync(join(tmpdir(), 'alipay-simulator-'));
  beforeAll(async () => {
    [site, shop] = await Promise.all([startAlipay({ seed: 5 }), openShop()]);
    sdk = sdkFor(mode, site, folder);
  });
  afterAll(async () => {
    await site.stop();
    shop.server.close();
    rmSync(folder, { recursive: true });
  });

  const exec = (method: string, bizContent: object, more: object = {}) =>
    sdk.exec(method, { bizContent, ...more }, { validateSign: true });
  const goods = (id: string, total = '9.90') => ({
    out_trade_no: id,
    total_amount: total,
    subject: '测试 goods 100% + more',
  });
  const told = async (count: number): Promise<Record<string, string>[]> => {
    await expect.poll(() => shop.bodies.length).toBeGreaterThanOrEqual(count);
    return shop.bodies.map((body) => Object.fromEntries(new URLSearchParams(body)));
  };

  it('precreates, is notified, queries, refunds, asks for the refund', async () => {
    const made = await exec('alipay.trade.precreate', goods('v1'), { notifyUrl: shop.url });
    expect(made).toMatchObject({ code: '10000', outTradeNo: 'v1' });
    expect(made['qrCode']).toMatch(/^https:\/\/qr\.alipay\.com\/bax/);
    const early = await exec('alipay.trade.query', { out_trade_no: 'v1' });
    expect(early).toMatchObject({ code: '40004', subCode: 'ACQ.TRADE_NOT_EXIST' });

    const paying = await fetch(`${site.url}/_sim/payer?id=v1&decision=approve`, { method: 'POST' });
    expect(paying.status).toBe(200);
    const [notice = {}] = await told(1);
    expect(notice).toMatchObject({ trade_status: 'TRADE_SUCCESS', total_amount: '9.90' });
    expect(sdk.checkNotifySignV2(notice)).toBe(true);
    expect(sdk.checkNotifySignV2({ ...notice, total_amount: '9.91' })).toBe(false);
    expect(sdk.checkNotifySignV2({ ...notice, extra: '1' })).toBe(false);
    const { subject: _, ...less } = notice;
    expect(sdk.checkNotifySignV2(less)).toBe(false);

    const paid = await exec('alipay.trade.query', { out_trade_no: 'v1' });
    expect(paid).toMatchObject({ tradeStatus: 'TRADE_SUCCESS', totalAmount: '9.90' });
    expect(paid['tradeNo']).toBe(notice['trade_no']);

    const refund = { out_trade_no: 'v1', refund_amount: '4.90', out_request_no: 'v1r' };
    expect(await exec('alipay.trade.refund', refund)).toMatchObject({
      code: '10000',
      fundChange: 'Y',
      refundFee: '4.90',
    });
    expect(await exec('alipay.trade.refund', refund)).toMatchObject({ fundChange: 'N' });
    const asked = { out_trade_no: 'v1', out_request_no: 'v1r' };
    expect(await exec('alipay.trade.fastpay.refund.query', asked)).toMatchObject({
      refundStatus: 'REFUND_SUCCESS',
      refundAmount: '4.90',
    });
    const notices = await told(2);
    expect(notices[1]).toMatchObject({ refund_fee: '4.90', out_biz_no: 'v1r' });
    expect(sdk.checkNotifySignV2(notices[1])).toBe(true);
    expect(site.book('v1')).toMatchObject({ debits: 1, paid: 990, refunds: 1, refunded: 490 });
  });

  it('takes a barcode, cancels, creates, closes', async () => {
    const code = { scene: 'bar_code', auth_code: '289012345678901234' };
    const paid = await exec('alipay.trade.pay', { ...goods('v2'), ...code });
    expect(paid).toMatchObject({ code: '10000', totalAmount: '9.90' });
    const undone = await exec('alipay.trade.cancel', { out_trade_no: 'v2' });
    expect(undone).toMatchObject({ action: 'refund', retryFlag: 'N' });
    const made = await exec('alipay.trade.create', {
      ...goods('v3'),
      buyer_id: '2088102146225135',
    });
    const closed = await exec('alipay.trade.close', { trade_no: made['tradeNo'] });
    expect(closed).toMatchObject({ code: '10000', outTradeNo: 'v3' });
    expect(site.book('v3')).toMatchObject({ state: 'TRADE_CLOSED', debits: 0 });
  });

  it.each(['GET', 'POST'] as const)('opens a page by %s', async (method) => {
    const id = `v4${method}`;
    const product = 'FAST_INSTANT_TRADE_PAY';
    const made = sdk.pageExecute('alipay.trade.page.pay', method, {
      bizContent: { ...goods(id), product_code: product },
      returnUrl: 'http://merchant.example/back',
    });
    const open = async (): Promise<Response> => {
      if (method === 'GET') return fetch(made);
      // What a browser does with the form: attributes and values unescaped, then submitted.
      const plain = (text: string) =>
        text
          .replaceAll('&quot;', '"')
          .replaceAll('&#39;', "'")
          .replaceAll('&apos;', "'")
          .replaceAll('&lt;', '<')
          .replaceAll('&gt;', '>')
          .replaceAll('&amp;', '&');
      const action = plain(/action="([^"]+)"/.exec(made)?.[1] ?? '');
      const inputs = made.matchAll(/name="([^"]+)" value="([^"]*)"/g);
      const fields = Array.from(inputs, ([, name = '', value = '']) => [name, plain(value)]);
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      return fetch(action, { method, headers, body: form(Object.fromEntries(fields)) });
    };
    const text = await (await open()).text();
    expect(text).toContain('¥9.90');
    const ticket = /name="ticket" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const pressed = await fetch(`${site.url}/_sim/cashier`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form({ ticket, decision: 'approve' }),
      redirect: 'manual',
    });
    expect(pressed.status).toBe(302);
    const back = new URL(pressed.headers.get('location') ?? '');
    const fields = Object.fromEntries(back.searchParams);
    expect(sdk.checkNotifySignV2(fields)).toBe(true);
    expect(sdk.checkNotifySignV2({ ...fields, out_trade_no: 'x' })).toBe(false);
    expect(site.book(id)).toMatchObject({ paid: 990 });
  });

  it('makes an order string the phone accepts', async () => {
    const order = sdk.sdkExecute('alipay.trade.app.pay', {
      bizContent: { ...goods('v5'), product_code: 'QUICK_MSECURITY_PAY' },
    });
    const url = `${site.url}/_sim/app?decision=approve`;
    const reply = await fetch(url, { method: 'POST', body: order });
    const { resultStatus, result } = (await reply.json()) as Record<string, string>;
    expect(resultStatus).toBe('9000');
    expect(JSON.parse(result ?? '')).toMatchObject({
      alipay_trade_app_pay_response: { out_trade_no: 'v5', total_amount: '9.90' },
    });
  });

  it('downloads the bill of its own payments', async () => {
    const { billDate } = site.discovery() as { billDate: string };
    const biz = { bill_type: 'trade', bill_date: billDate };
    const method = 'alipay.data.dataservice.bill.downloadurl.query';
    expect(await exec(method, biz)).toMatchObject({ subCode: 'BILL_NOT_EXIST' });
    const settled = await fetch(`${site.url}/_sim/settle?date=${billDate}`, { method: 'POST' });
    expect(settled.status).toBe(200);
    const ready: AlipaySdkCommonResult = await exec(method, biz);
    const bill = await fetch(ready['billDownloadUrl']);
    const bytes = Buffer.from(await bill.arrayBuffer());
    expect(bytes.toString('latin1', 0, 2)).toBe('PK');
    expect(bytes.length).toBeGreaterThan(500);
  });

  it("rejects answers that are not Alipay's", async () => {
    for (const fault of ['bad-signature', 'foreign-signature']) {
      site.faults.arm({ fault, operation: 'alipay.trade.query' });
      await expect(exec('alipay.trade.query', { out_trade_no: 'v1' })).rejects.toThrow();
    }
    expect(await exec('alipay.trade.query', { out_trade_no: 'v1' })).toMatchObject({
      code: '10000',
    });
  });

  it("is refused with another merchant's key", async () => {
    const other = await site.enroll();
    const foreign = new AlipaySdk({
      appId: site.credentials.appId,
      privateKey: other.merchantPrivateKey,
      keyType: 'PKCS8',
      alipayPublicKey: site.credentials.platformPublicKey,
      gateway: site.credentials.gatewayUrl,
    });
    const biz = { bizContent: { out_trade_no: 'v1' } };
    const refused = await foreign.exec('alipay.trade.query', biz, { validateSign: true });
    expect(refused).toMatchObject({ code: '40002', subCode: 'isv.invalid-signature' });
  });
});
