/** The vendor's own SDK, unmodified, over the REST protocol and with encrypted contents. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AlipayFormData, AlipayRequestError, AlipaySdk } from 'alipay-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AlipayCredentials, type AlipaySite, startAlipay } from '../src/index.ts';
import { barcode, collect, terms } from './client.ts';

const folder = mkdtempSync(join(tmpdir(), 'alipay-simulator-v3-'));
let site: AlipaySite;
beforeAll(async () => {
  site = await startAlipay({ seed: 5 });
});
afterAll(async () => {
  await site.stop();
  rmSync(folder, { recursive: true });
});

type Mode = 'key' | 'cert';

function sdkFor(mode: Mode, credentials: AlipayCredentials): AlipaySdk {
  const common = {
    appId: credentials.appId,
    privateKey: credentials.merchantPrivateKey,
    keyType: 'PKCS8',
    gateway: credentials.gatewayUrl,
    endpoint: credentials.v3Endpoint,
    encryptKey: credentials.encryptKey,
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

/** What the SDK throws for an error answer. */
async function refusalOf(call: Promise<unknown>): Promise<AlipayRequestError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AlipayRequestError);
  return error as AlipayRequestError;
}

describe.each(['key', 'cert'] as const)('npm alipay-sdk over V3 in %s mode', (mode) => {
  let sdk: AlipaySdk;
  beforeAll(() => {
    sdk = sdkFor(mode, site.credentials);
  });

  it('precreates, is paid, queries, refunds, closes', async () => {
    const id = `v3_${mode}_1`;
    const made = await sdk.curl('POST', '/v3/alipay/trade/precreate', { body: terms(id, '9.90') });
    expect(made).toMatchObject({ responseHttpStatus: 200, data: { out_trade_no: id } });
    expect(made.data).not.toHaveProperty('code');
    expect(made.data.qr_code).toMatch(/^https:\/\/qr\.alipay\.com\/bax/);
    await site.payer.approve(id);
    const body = { out_trade_no: id };
    const paid = await sdk.curl('POST', '/v3/alipay/trade/query', { body });
    expect(paid.data).toMatchObject({ trade_status: 'TRADE_SUCCESS', total_amount: '9.90' });
    const refund = { ...body, refund_amount: '9.90', out_request_no: 'r' };
    const back = await sdk.curl('POST', '/v3/alipay/trade/refund', { body: refund });
    expect(back.data).toMatchObject({ fund_change: 'Y', refund_fee: '9.90' });
    const refused = await refusalOf(sdk.curl('POST', '/v3/alipay/trade/close', { body }));
    expect(refused).toMatchObject({ code: 'ACQ.TRADE_STATUS_ERROR', responseHttpStatus: 400 });
    expect(refused.links?.[0]?.link).toContain('/_sim/journal');
    expect(site.book(id)).toMatchObject({ debits: 1, paid: 990, refunded: 990 });
  });

  it('asks with GET for a bill and downloads it', async () => {
    const { billDate } = site.discovery() as { billDate: string };
    const query = { bill_type: 'trade', bill_date: billDate };
    await site.settle(billDate);
    const path = '/v3/alipay/data/dataservice/bill/downloadurl/query';
    const ready = await sdk.curl('GET', path, { query });
    const bill = await fetch(ready.data.bill_download_url);
    expect(Buffer.from(await bill.arrayBuffer()).toString('latin1', 0, 2)).toBe('PK');
    const refused = await refusalOf(
      sdk.curl('GET', path, { query: { ...query, bill_type: '中文 + x' } }),
    );
    expect(refused).toMatchObject({ code: 'TYPE_NOT_SUPPORTED', responseHttpStatus: 400 });
  });

  it('acts for the merchant whose token it brings', async () => {
    const id = `v3_${mode}_2`;
    const { appAuthToken, authAppId, authSellerId, appId } = site.credentials;
    const told = collect(site);
    const body = {
      ...terms(id),
      scene: 'bar_code',
      auth_code: barcode(),
      notify_url: 'http://merchant.example/notify',
    };
    await sdk.curl('POST', '/v3/alipay/trade/pay', { body, appAuthToken });
    await site.notifier.idle();
    expect(told[0]?.fields).toMatchObject({
      app_id: appId,
      auth_app_id: authAppId,
      seller_id: authSellerId,
    });
    expect(sdk.checkNotifySignV2(told[0]?.fields)).toBe(true);
    const query = { body: { out_trade_no: id } };
    const own = await refusalOf(sdk.curl('POST', '/v3/alipay/trade/query', query));
    expect(own.code).toBe('ACQ.TRADE_NOT_EXIST');
    const his = await sdk.curl('POST', '/v3/alipay/trade/query', { ...query, appAuthToken });
    expect(his.data.trade_status).toBe('TRADE_SUCCESS');
    const nobody = { ...query, appAuthToken: `${appAuthToken}x` };
    const refused = await refusalOf(sdk.curl('POST', '/v3/alipay/trade/query', nobody));
    expect(refused).toMatchObject({ code: 'invalid-app-auth-token', responseHttpStatus: 401 });
  });

  it('holds money and lets it go', async () => {
    const id = `v3_${mode}_4`;
    const post = (path: string, body: object) =>
      sdk.curl('POST', `/v3/alipay/fund/auth/${path}`, { body });
    const numbers = { out_order_no: id, out_request_no: id };
    const made = await post('order/voucher/create', {
      ...numbers,
      order_title: '押金',
      amount: '50.00',
      product_code: 'PREAUTH_PAY',
    });
    expect(made.data).toMatchObject({ code_type: 'qrCode', out_order_no: id });
    await site.payer.approve(id);
    const held = await post('operation/detail/query', numbers);
    expect(held.data).toMatchObject({ order_status: 'AUTHORIZED', rest_amount: '50.00' });
    const { auth_no: authNo } = held.data;
    const freed = await post('order/unfreeze', {
      auth_no: authNo,
      out_request_no: `${id}u`,
      amount: '50.00',
      remark: '退押金',
    });
    expect(freed.data).toMatchObject({ status: 'SUCCESS', amount: '50.00' });
  });

  it('transfers with certificates only, and asks with GET what became of it', async () => {
    const id = `v3_${mode}_5`;
    const body = {
      out_biz_no: id,
      trans_amount: '3.00',
      product_code: 'TRANS_ACCOUNT_NO_PWD',
      biz_scene: 'DIRECT_TRANSFER',
      payee_info: { identity: '2088102146225135', identity_type: 'ALIPAY_USER_ID' },
    };
    const sent = sdk.curl('POST', '/v3/alipay/fund/trans/uni/transfer', { body });
    if (mode === 'key') {
      expect((await refusalOf(sent)).code).toBe('missing-app-cert-sn');
      return;
    }
    expect((await sent).data).toMatchObject({ out_biz_no: id, status: 'SUCCESS' });
    const asked = await sdk.curl('GET', '/v3/alipay/fund/trans/common/query', {
      query: {
        out_biz_no: id,
        product_code: 'TRANS_ACCOUNT_NO_PWD',
        biz_scene: 'DIRECT_TRANSFER',
      },
    });
    expect(asked.data).toMatchObject({ out_biz_no: id, status: 'SUCCESS', trans_amount: '3.00' });
  });

  it('encrypts both ways', async () => {
    const id = `v3_${mode}_3`;
    const made = await sdk.curl('POST', '/v3/alipay/trade/create', {
      body: { ...terms(id), buyer_id: '2088102146225135' },
      needEncrypt: true,
    });
    expect(made.data).toMatchObject({ out_trade_no: id });
    const refused = await refusalOf(
      sdk.curl('POST', '/v3/alipay/trade/refund', {
        body: { out_trade_no: id, refund_amount: '1.00' },
        needEncrypt: true,
      }),
    );
    expect(refused.code).toBe('ACQ.TRADE_STATUS_ERROR');
    const entry = site.journal.entries({ id, operation: 'alipay.trade.create' })[0];
    expect(entry?.request).toMatchObject({ body: { out_trade_no: id, total_amount: '1.00' } });
  });

  it('signs the part data of an upload', async () => {
    const form = new AlipayFormData();
    form.addField('out_trade_no', `v3_${mode}_1`);
    form.addFile('picture', 'a.txt', Buffer.from('--nothing\r\n\r\n"data"'));
    const queried = await sdk.curl('POST', '/v3/alipay/trade/query', { form });
    expect(queried.data).toMatchObject({ out_trade_no: `v3_${mode}_1` });
  });

  it("rejects answers that are not Alipay's", async () => {
    const query = { body: { out_trade_no: `v3_${mode}_1` } };
    for (const fault of ['bad-signature', 'foreign-signature']) {
      site.faults.arm({ fault, operation: 'alipay.trade.query' });
      const refused = await refusalOf(sdk.curl('POST', '/v3/alipay/trade/query', query));
      expect(refused.code).toBe('response-signature-verify-error');
    }
    await sdk.curl('POST', '/v3/alipay/trade/query', query);
  });
});

describe('npm alipay-sdk after a rotation', () => {
  it('over V3 misses the certificate it was given', async () => {
    const sdk = sdkFor('cert', site.credentials);
    const query = { body: { out_trade_no: 'v3_cert_1' } };
    site.faults.arm({ fault: 'key-rotation', operation: 'alipay.trade.query' });
    for (const _ of ['the struck one', 'all that follow']) {
      const refused = await refusalOf(sdk.curl('POST', '/v3/alipay/trade/query', query));
      expect(refused.code).toBe('response-alipay-sn-verify-error');
    }
    const { platformCert } = site.discovery({ mode: 'cert' }) as { platformCert: string };
    const renewed = sdkFor('cert', { ...site.credentials, platformCert });
    const found = await renewed.curl('POST', '/v3/alipay/trade/query', query);
    expect(found.data).toMatchObject({ out_trade_no: 'v3_cert_1' });
  });
});

describe.each(['key', 'cert'] as const)('npm alipay-sdk with AES in %s mode', (mode) => {
  it('over gateway.do reads what was encrypted', async () => {
    const sdk = sdkFor(mode, site.credentials);
    const id = `aes_${mode}`;
    const exec = (method: string, bizContent: object) =>
      sdk.exec(method, { bizContent, needEncrypt: true });
    expect(await exec('alipay.trade.precreate', terms(id, '3.20'))).toMatchObject({
      code: '10000',
      outTradeNo: id,
    });
    await site.payer.approve(id);
    expect(await exec('alipay.trade.query', { out_trade_no: id })).toMatchObject({
      tradeStatus: 'TRADE_SUCCESS',
      totalAmount: '3.20',
    });
    expect(await exec('alipay.trade.close', { out_trade_no: id })).toMatchObject({
      code: '40004',
      subCode: 'ACQ.TRADE_STATUS_ERROR',
    });
  });

  it('is told in plain that it used the wrong key', async () => {
    const { encryptKey, ...rest } = site.credentials;
    const other = Buffer.from(encryptKey, 'base64').reverse().toString('base64');
    const sdk = sdkFor(mode, { ...rest, encryptKey: other });
    const bizContent = { out_trade_no: `aes_${mode}` };
    const refused = await sdk.exec('alipay.trade.query', { bizContent, needEncrypt: true });
    expect(refused).toMatchObject({ code: '40003', subCode: 'isv.decryption-error-unknown' });
  });
});
