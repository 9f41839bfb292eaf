/** The vendor's own SDK with its default addresses, Alipay's real ones, and no server anywhere. */

import { type NetworkWatch, watchNetwork } from '@polyrail/contest';
import { AlipaySdk } from 'alipay-sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AlipaySite, startAlipay } from '../src/index.ts';

interface Stood extends AsyncDisposable {
  stop(): Promise<void>;
}

/** `sleep` takes off what a library leaves on by itself, and gives what puts it back. */
export function describeVendor(
  name: string,
  mount: (site: AlipaySite) => Promise<Stood>,
  sleep: () => () => void = () => () => undefined,
): void {
  describe(`npm alipay-sdk and Alipay's own hosts, through ${name}`, () => {
    let site: AlipaySite;
    let stood: Stood;
    let network: NetworkWatch;
    beforeAll(async () => {
      site = await startAlipay({ mount: 'in-process', seed: 5, shareKeys: true });
      stood = await mount(site);
      network = watchNetwork();
    });
    afterAll(async () => {
      network.stop();
      await stood.stop();
      await site.stop();
    });
    beforeEach(() => {
      network.attempts.length = 0;
    });

    /** As a merchant configures it for production: no address of anything. */
    const sdkOf = (more: object = {}) => {
      const { appId, merchantPrivateKey, platformPublicKey } = site.credentials;
      const keys = { privateKey: merchantPrivateKey, alipayPublicKey: platformPublicKey };
      return new AlipaySdk({ appId, keyType: 'PKCS8', ...keys, ...more });
    };
    const goods = (id: string) => ({
      out_trade_no: id,
      total_amount: '9.90',
      subject: '测试 1+1 %',
    });
    const exec = (method: string, bizContent: object, more: object = {}) =>
      sdkOf().exec(method, { bizContent, ...more }, { validateSign: true });

    it('pays by the gateway, is told, and refunds', async () => {
      const sdk = sdkOf();
      const told: Record<string, string>[] = [];
      site.listen(({ body }) => {
        told.push(Object.fromEntries(new URLSearchParams(Buffer.from(body).toString())));
        return { status: 200, headers: {}, body: Buffer.from('success') };
      });
      const notifyUrl = 'https://shop.example/notify';
      const made = await exec('alipay.trade.precreate', goods('m1'), { notifyUrl });
      expect(made).toMatchObject({ code: '10000', outTradeNo: 'm1' });
      await site.payer.approve('m1');
      await expect.poll(() => told.length).toBe(1);
      expect(sdk.checkNotifySignV2(told[0])).toBe(true);
      const paid = await exec('alipay.trade.query', { out_trade_no: 'm1' });
      expect(paid).toMatchObject({ tradeStatus: 'TRADE_SUCCESS', totalAmount: '9.90' });
      const refund = { out_trade_no: 'm1', refund_amount: '4.90', out_request_no: 'm1r' };
      expect(await exec('alipay.trade.refund', refund)).toMatchObject({ fundChange: 'Y' });
      expect(site.book('m1')).toMatchObject({ debits: 1, paid: 990, refunded: 490 });
      expect(network.attempts).toEqual([]);
    });

    it('pays over V3, and in the sandbox of today', async () => {
      const body = goods('m2');
      const made = await sdkOf().curl('POST', '/v3/alipay/trade/precreate', { body });
      expect(made).toMatchObject({ responseHttpStatus: 200, data: { out_trade_no: 'm2' } });
      const sandbox = sdkOf({ gateway: 'https://openapi-sandbox.dl.alipaydev.com/gateway.do' });
      const asked = { bizContent: { out_trade_no: 'm2' } };
      const known = await sandbox.exec('alipay.trade.query', asked, { validateSign: true });
      expect(known).toMatchObject({ subCode: 'ACQ.TRADE_NOT_EXIST' });
      expect(network.attempts).toEqual([]);
    });

    it('downloads the bill, a ZIP, from the host of bills', async () => {
      const { billDate } = site.discovery() as { billDate: string };
      await site.settle(billDate);
      const bizContent = { bill_type: 'trade', bill_date: billDate };
      const ready = await exec('alipay.data.dataservice.bill.downloadurl.query', bizContent);
      const url = String(ready['billDownloadUrl']);
      expect(url).toMatch(/^http:\/\/dwbillcenter\.alipay\.com\/downloadBillFile\.resource\?/);
      const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
      expect(bytes.toString('latin1', 0, 4)).toBe('PK\u0003\u0004');
      expect(bytes.toString('latin1', bytes.length - 22, bytes.length - 18)).toBe('PK\u0005\u0006');
      expect(network.attempts).toEqual([]);
    });

    it.each(['drop-request', 'drop-reply', 'reset-mid-body'])('%s is an error', async (fault) => {
      const id = `m3_${fault.replaceAll('-', '_')}`;
      // Quirk: the HTTP client of the SDK sends once more by itself.
      site.faults.arm({ fault, operation: 'alipay.trade.precreate', id, times: 2 });
      await expect(exec('alipay.trade.precreate', goods(id))).rejects.toThrow('HttpClient Request');
      expect(site.book(id)?.state).toBe(fault === 'drop-request' ? undefined : 'UNSCANNED');
      expect(network.attempts).toEqual([]);
    });

    it('is what held it back: without it the SDK looks for the real host', async () => {
      await stood.stop();
      const awake = sleep();
      await expect(exec('alipay.trade.query', { out_trade_no: 'm1' })).rejects.toThrow();
      expect(network.attempts).toContain('lookup openapi.alipay.com');
      awake();
      stood = await mount(site);
      expect(await exec('alipay.trade.query', { out_trade_no: 'm1' })).toMatchObject({
        code: '10000',
      });
    });
  });
}
