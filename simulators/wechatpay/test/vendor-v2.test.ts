/** The npm client `tenpay` of API v2 as its users get it, against the simulator on a port. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import tenpay from 'tenpay';
import { afterEach, describe, expect, it } from 'vitest';
import { startWechatPay, type WechatPaySite } from '../src/index.ts';
import type { Json } from './client.ts';

let site: WechatPaySite;
let stopEndpoint: () => void = () => undefined;
afterEach(async () => {
  stopEndpoint();
  await site.stop();
});

/** A client whose addresses are those of the simulator; nothing else of it is touched. */
async function clientOf(options: object = {}): Promise<Json> {
  site = await startWechatPay({ shareKeys: true, tlsBeside: false, ...options });
  const { appId, mchId, apiKey } = site.credentials;
  const config = {
    appid: appId,
    mchid: mchId,
    partnerKey: apiKey,
    spbill_create_ip: '203.0.113.9',
  };
  const client: Json = new (tenpay as unknown as new (config: object) => Json)(config);
  for (const [name, url] of Object.entries(client['urls'] as Record<string, string>)) {
    client['urls'][name] = url.replace('https://api.mch.weixin.qq.com', site.url);
  }
  return client;
}

describe('tenpay', () => {
  it('creates, queries, closes, refunds, hears, and reads a bill', async () => {
    const client = await clientOf({ refundArrivalMs: 100 });
    const heard: string[] = [];
    const said: Json[] = [];
    const server = createServer((incoming, outgoing) => {
      let body = '';
      incoming.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      incoming.on('end', async () => {
        heard.push(body);
        const kind = body.includes('req_info') ? 'refund' : 'pay';
        const request: Json = { body };
        const response = { header: () => undefined, send: (text: string) => outgoing.end(text) };
        await client['middlewareForExpress'](kind)(request, response, () => {
          said.push(request['weixin']);
          (response as Json)['reply']();
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stopEndpoint = () => void server.close();
    const notify_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`;
    const create = (out_trade_no: string, more: object = {}) =>
      client['unifiedOrder']({
        out_trade_no,
        body: '商品简单描述',
        total_fee: 100,
        trade_type: 'NATIVE',
        product_id: 'p1',
        notify_url,
        ...more,
      });
    const query = (out_trade_no: string) => client['orderQuery']({ out_trade_no });
    expect((await create('order_1')).code_url).toMatch(/^weixin:/);
    expect((await create('order_2', { sign_type: 'HMAC-SHA256' })).prepay_id).toMatch(/^wx/);
    expect((await query('order_1')).trade_state).toBe('NOTPAY');
    await expect(query('order_9')).rejects.toThrow('ORDERNOTEXIST');
    expect((await client['closeOrder']({ out_trade_no: 'order_2' })).result_code).toBe('SUCCESS');
    await site.payer.approve('order_1');
    const paid = await query('order_1');
    expect(paid).toMatchObject({ trade_state: 'SUCCESS', total_fee: '100' });
    await expect.poll(() => said.length).toBe(1);
    expect(said[0]).toMatchObject({ out_trade_no: 'order_1', result_code: 'SUCCESS' });
    const tampered = heard[0]!.replace('<![CDATA[100]]>', '<![CDATA[1]]>');
    await expect(client['_parse'](tampered, 'middleware_pay')).rejects.toThrow('sign签名错误');
    const refunded = await client['refund']({
      out_trade_no: 'order_1',
      out_refund_no: 'r_1',
      total_fee: 100,
      refund_fee: 40,
      notify_url,
    });
    expect(refunded).toMatchObject({ refund_fee: '40', out_refund_no: 'r_1' });
    expect(site.journal.entries({ operation: 'refund' }).at(-1)?.note).toContain('no TLS');
    await expect.poll(() => said.length).toBe(2);
    expect(said[1]!['req_info']).toMatchObject({ refund_status: 'SUCCESS', refund_fee: '40' });
    const asked = await client['refundQuery']({ out_refund_no: 'r_1' });
    expect(asked).toMatchObject({ refund_status_0: 'SUCCESS', refund_fee_0: '40' });
    const day = String((site.discovery() as Json)['billDate']);
    await site.settle(day);
    const bill = await client['downloadBill']({ bill_date: day.replaceAll('-', '') }, true);
    expect(bill.list_title).toHaveLength(27);
    expect(bill.list_data).toHaveLength(2);
    expect(bill.total_data[0]).toBe('2');
    expect(site.book('order_1')).toMatchObject({ debits: 1, refunds: 1, refunded: 40 });
  });

  it('takes a barcode, asks after it, and takes it back', async () => {
    const client = await clientOf();
    const terms = { body: 'x', total_fee: 100, auth_code: '134567890123456789' };
    const paid = await client['micropay']({ ...terms, out_trade_no: 'bar_1' });
    expect(paid).toMatchObject({ trade_type: 'MICROPAY', total_fee: '100' });
    site.faults.arm({ fault: 'user-paying', queries: 2 });
    const waiting = client['micropay']({ ...terms, out_trade_no: 'bar_2' });
    await expect(waiting).rejects.toThrow('USERPAYING');
    const states: string[] = [];
    for (const _ of [1, 2]) {
      states.push((await client['orderQuery']({ out_trade_no: 'bar_2' })).trade_state);
    }
    expect(states).toEqual(['USERPAYING', 'SUCCESS']);
    site.faults.arm({ fault: 'reverse-recall' });
    const reverse = () => client['reverse']({ out_trade_no: 'bar_2' });
    expect((await reverse()).recall).toBe('Y');
    expect((await reverse()).recall).toBe('N');
    expect(site.book('bar_2')).toMatchObject({ state: 'REVOKED', refunded: 100 });
  });

  it('pays out to a wallet', async () => {
    const client = await clientOf();
    const wish = {
      partner_trade_no: 'P1',
      openid: 'o1',
      amount: 100,
      desc: 'x',
      check_name: 'NO_CHECK',
    };
    expect(await client['transfers'](wish)).toMatchObject({ payment_no: expect.any(String) });
    const found = await client['transfersQuery']({ partner_trade_no: 'P1' });
    expect(found).toMatchObject({ status: 'SUCCESS', payment_amount: '100' });
    expect(site.payout('P1')).toMatchObject({ transfers: 1, paid: 100 });
  });
});
