import { createVerify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlipaySite } from '../src/index.ts';
import { call, common, form, notificationVerifies, send, signed, start, terms } from './client.ts';

let site: AlipaySite;
beforeAll(async () => {
  site = await start();
});
afterAll(() => site.stop());

const products = {
  page: 'FAST_INSTANT_TRADE_PAY',
  wap: 'QUICK_WAP_WAY',
  app: 'QUICK_MSECURITY_PAY',
} as const;
type Product = keyof typeof products;
const back = 'http://merchant.example/back?shop=1';

const request = (product: Product, id: string, more: object = {}, extra = {}) =>
  signed(
    {
      ...common(`alipay.trade.${product}.pay`, site.credentials, {
        ...terms(id, '12.30'),
        product_code: products[product],
        quit_url: 'http://merchant.example/quit',
        ...more,
      }),
      return_url: back,
      ...extra,
    },
    site.credentials.merchantPrivateKey,
  );
const ticketIn = (text: string): string => /name="ticket" value="([^"]+)"/.exec(text)?.[1] ?? '';
const press = (ticket: string, decision: string) =>
  send(site, { url: '/_sim/cashier', body: form({ ticket, decision }) });

describe('page and wap', () => {
  it.each(['page', 'wap'] as const)(
    '%s: the payer sees the order, pays, comes back',
    async (product) => {
      const id = `c_${product}`;
      const opened = await send(site, {
        url: `/gateway.do?${form(request(product, id))}`,
        method: 'GET',
      });
      expect(opened.headers['content-type']).toContain('text/html');
      for (const shown of ['¥12.30', '测试 goods', id, site.credentials.sellerId]) {
        expect(opened.text).toContain(shown);
      }
      expect(site.book(id)?.state).toBe('WAIT_BUYER_PAY');
      const paid = await press(ticketIn(opened.text), 'approve');
      expect(paid.status).toBe(302);
      expect(site.book(id)).toMatchObject({ state: 'TRADE_SUCCESS', paid: 1230 });
      const url = new URL(paid.headers['location'] ?? '');
      expect(url.href.startsWith(`${back}&`)).toBe(true);
      url.searchParams.delete('shop');
      const fields = Object.fromEntries(url.searchParams);
      expect(Object.keys(fields).sort()).toEqual([
        'app_id',
        'auth_app_id',
        'charset',
        'method',
        'out_trade_no',
        'seller_id',
        'sign',
        'sign_type',
        'timestamp',
        'total_amount',
        'trade_no',
        'version',
      ]);
      expect(fields).toMatchObject({
        method: `alipay.trade.${product}.pay.return`,
        out_trade_no: id,
        total_amount: '12.30',
        trade_no: site.book(id)?.channelId,
      });
      expect(notificationVerifies(fields, site.credentials.platformPublicKey)).toBe(true);
      const again = await press(ticketIn(opened.text), 'approve');
      expect(again.text).toContain('Paid.');
      expect(site.book(id)).toMatchObject({ debits: 1 });
    },
  );

  it('is answered to a form as well, and declined', async () => {
    const opened = await send(site, { body: form(request('page', 'c_form')) });
    const declined = await press(ticketIn(opened.text), 'decline');
    expect(declined.text).toContain('This order is closed.');
    expect(site.book('c_form')).toMatchObject({ state: 'TRADE_CLOSED', debits: 0 });
  });

  it('shows an error as a page with the JSON inside', async () => {
    const bad = { ...request('page', 'c_bad'), sign: 'QUJDRA==' };
    const answer = await send(site, { body: form(bad) });
    expect(answer.text).toContain('<html');
    expect(answer.text).toContain('40002');
    expect(answer.text).toContain('isv.invalid-signature');
    expect(site.book('c_bad')).toBeUndefined();
    const nobody = await send(site, { body: form({ ...bad, app_id: '1' }) });
    expect(nobody.text).toContain('isv.invalid-app-id');
  });

  it.each([
    ['no product', { product_code: '' }],
    ['another product', { product_code: 'QUICK_WAP_WAY' }],
  ])('page refuses %s', async (_, more) => {
    const answer = await send(site, { body: form(request('page', 'c_product', more)) });
    expect(answer.text).toContain('ACQ.INVALID_PARAMETER');
  });

  it('writes nothing of the merchant into the page unescaped', async () => {
    const subject = '<script>alert(1)</script>'.replaceAll('/', '');
    const answer = await send(site, { body: form(request('page', 'c_html', { subject })) });
    expect(answer.text).toContain('&lt;script&gt;alert(1)');
    expect(answer.text).not.toContain('<script');
  });

  it('goes on with the order when the page is opened again, unless it changed', async () => {
    const first = await send(site, { body: form(request('page', 'c_again')) });
    const second = await send(site, { body: form(request('page', 'c_again')) });
    expect(ticketIn(second.text)).toBe(ticketIn(first.text));
    const other = await send(site, {
      body: form(request('page', 'c_again', { total_amount: '1' })),
    });
    expect(other.text).toContain('ACQ.CONTEXT_INCONSISTENT');
  });
});

describe('a QR', () => {
  it('opens the cashier, which makes the trade', async () => {
    const node = await call(site, 'trade.precreate', terms('c_qr', '5.00'));
    const url = `/_sim/cashier?${form({ qr: node['qr_code'] })}`;
    expect(site.book('c_qr')?.state).toBe('UNSCANNED');
    const { text } = await send(site, { url, method: 'GET' });
    expect(text).toContain('¥5.00');
    expect(site.book('c_qr')?.state).toBe('WAIT_BUYER_PAY');
    const paid = await press(ticketIn(text), 'approve');
    expect(paid.text).toContain('Paid.');
    expect(site.book('c_qr')).toMatchObject({ paid: 500 });
    const all = site.book() as { orders: { merchantId: string; cashier?: string }[] };
    expect(all.orders.find(({ merchantId }) => merchantId === 'c_qr')?.cashier).toBeUndefined();
  });

  it('that no order has, shows no cashier', async () => {
    const url = '/_sim/cashier?qr=https://qr.alipay.com/bax0';
    const answer = await send(site, { url, method: 'GET' });
    expect(answer.status).toBe(404);
    expect((await press('', 'approve')).status).toBe(404);
  });
});

describe('an app order', () => {
  const phone = (order: string, decision = '') =>
    send(site, { url: `/_sim/app${decision && `?decision=${decision}`}`, body: order });

  it('opens as a whole text; its cashier pays it', async () => {
    const opened = await phone(form(request('app', 'c_app')));
    const { cashier } = JSON.parse(opened.text);
    const page = await send(site, { url: cashier, method: 'GET' });
    await press(ticketIn(page.text), 'approve');
    expect(site.book('c_app')).toMatchObject({ paid: 1230 });
  });

  it('gives the app a result sealed like an answer', async () => {
    const answer = await phone(form(request('app', 'c_app2')), 'approve');
    const { result, resultStatus, memo } = JSON.parse(answer.text);
    expect([resultStatus, memo]).toEqual(['9000', '']);
    const parts =
      /^\{"alipay_trade_app_pay_response":(\{.*\}),"sign":"([^"]+)","sign_type":"RSA2"\}$/;
    const [, node = '', sign = ''] = parts.exec(result) ?? [];
    const check = createVerify('RSA-SHA256').update(node);
    expect(check.verify(site.credentials.platformPublicKey, sign, 'base64')).toBe(true);
    expect(JSON.parse(node)).toMatchObject({
      code: '10000',
      out_trade_no: 'c_app2',
      total_amount: '12.30',
      seller_id: site.credentials.sellerId,
    });
  });

  it('tells of a refusal and of a payer who declined', async () => {
    const bad = await phone(form({ ...request('app', 'c_app3'), sign: 'QUJDRA==' }), 'approve');
    expect(bad.status).toBe(400);
    expect(JSON.parse(bad.text)['sub_code']).toBe('isv.invalid-signature');
    const declined = await phone(form(request('app', 'c_app4')), 'decline');
    expect(JSON.parse(declined.text)).toEqual({ memo: '', result: '', resultStatus: '4000' });
  });
});
