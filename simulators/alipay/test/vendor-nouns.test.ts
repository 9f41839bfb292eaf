/** The vendor's own SDK, unmodified, with agreements, freezes and transfers over gateway.do. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AlipaySdk } from 'alipay-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AlipaySite, startAlipay } from '../src/index.ts';

const startAt = Date.parse('2026-11-24T07:08:09.000Z');
let site: AlipaySite;
let sdk: AlipaySdk;
let server: Server;
let shop: string;
const bodies: string[] = [];
const folder = mkdtempSync(join(tmpdir(), 'alipay-simulator-'));

beforeAll(async () => {
  server = createServer(async (incoming, outgoing) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    bodies.push(body);
    outgoing.end('success');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  shop = `http://127.0.0.1:${(server.address() as AddressInfo).port}/told`;
  site = await startAlipay({ seed: 9, shareKeys: true, startAt, appGatewayUrl: shop });
  const { credentials } = site;
  const write = (name: string, pem: string) => {
    writeFileSync(join(folder, name), pem);
    return join(folder, name);
  };
  sdk = new AlipaySdk({
    appId: credentials.appId,
    privateKey: credentials.merchantPrivateKey,
    keyType: 'PKCS8',
    gateway: credentials.gatewayUrl,
    appCertPath: write('app.crt', credentials.merchantCert),
    alipayPublicCertPath: write('alipay.crt', credentials.platformCert),
    alipayRootCertPath: write('root.crt', credentials.rootCert),
  });
});
afterAll(async () => {
  await site.stop();
  server.close();
  rmSync(folder, { recursive: true });
});

const exec = (method: string, bizContent: object, more: object = {}) =>
  sdk.exec(method, { bizContent, ...more }, { validateSign: true });
/** The last push of a kind, once it came. */
async function told(kind: string): Promise<Record<string, string>> {
  const find = () =>
    bodies
      .map((body) => Object.fromEntries(new URLSearchParams(body)))
      .findLast((fields) => (fields['notify_type'] ?? fields['msg_method']) === kind);
  await expect.poll(find).toBeDefined();
  return find() ?? {};
}

describe('npm alipay-sdk', () => {
  it('signs a payer up, charges and puts off, and signs off', async () => {
    const url = sdk.pageExecute('alipay.user.agreement.page.sign', 'GET', {
      bizContent: {
        personal_product_code: 'CYCLE_PAY_AUTH_P',
        product_code: 'CYCLE_PAY_AUTH',
        access_params: { channel: 'ALIPAYAPP' },
        sign_scene: 'INDUSTRY|DIGITAL_MEDIA',
        external_agreement_no: 'vendor1',
        period_rule_params: {
          period_type: 'MONTH',
          period: 1,
          execute_time: '2026-11-24',
          single_amount: 9.9,
        },
      },
      notifyUrl: shop,
    });
    expect(await (await fetch(url)).text()).toContain('Agree and sign');
    await site.payer.approve('vendor1');
    const notice = await told('dut_user_sign');
    expect(sdk.checkNotifySignV2(notice)).toBe(true);
    expect(sdk.checkNotifySignV2({ ...notice, status: 'STOP' })).toBe(false);
    const named = { agreement_no: notice['agreement_no'] };
    const agreement = await exec('alipay.user.agreement.query', named);
    expect(agreement).toMatchObject({ status: 'NORMAL', externalAgreementNo: 'vendor1' });
    const paid = await exec('alipay.trade.pay', {
      out_trade_no: 'vendor_pay',
      total_amount: '9.90',
      subject: '会员',
      product_code: 'CYCLE_PAY_AUTH',
      agreement_params: named,
    });
    expect(paid).toMatchObject({ code: '10000', totalAmount: '9.90' });
    expect(site.book('vendor_pay')).toMatchObject({ debits: 1, paid: 990 });
    const plan = await exec('alipay.user.agreement.query', named);
    expect(plan['nextDeductTime']).toBe('2026-12-24');
    const later = { ...named, deduct_time: '2026-12-28' };
    const moved = await exec('alipay.user.agreement.executionplan.modify', later);
    expect(moved).toMatchObject({ code: '10000', deductTime: '2026-12-28' });
    expect(await exec('alipay.user.agreement.unsign', named)).toMatchObject({ code: '10000' });
    expect(sdk.checkNotifySignV2(await told('dut_user_unsign'))).toBe(true);
  });

  it('freezes, takes a part, gives the rest back', async () => {
    const held = await exec(
      'alipay.fund.auth.order.freeze',
      {
        auth_code: '289012345678901234',
        auth_code_type: 'bar_code',
        out_order_no: 'vendor_hold',
        out_request_no: 'vendor_hold',
        order_title: '押金',
        amount: '50.00',
        product_code: 'PRE_AUTH',
      },
      { notifyUrl: shop },
    );
    expect(held).toMatchObject({ code: '10000', status: 'SUCCESS' });
    expect(sdk.checkNotifySignV2(await told('fund_auth_freeze'))).toBe(true);
    const authNo = held['authNo'];
    const taken = await exec('alipay.trade.pay', {
      out_trade_no: 'vendor_take',
      total_amount: '20.00',
      subject: '租金',
      product_code: 'PRE_AUTH',
      auth_no: authNo,
    });
    expect(taken).toMatchObject({ code: '10000' });
    const rest = { auth_no: authNo, out_request_no: 'vendor_back', amount: '30.00', remark: '退' };
    expect(await exec('alipay.fund.auth.order.unfreeze', rest)).toMatchObject({
      status: 'SUCCESS',
    });
    const detail = { auth_no: authNo, out_request_no: 'vendor_hold' };
    const asked = await exec('alipay.fund.auth.operation.detail.query', detail);
    expect(asked).toMatchObject({ orderStatus: 'FINISH', restAmount: '0.00' });
    expect(site.authorization('vendor_hold')).toMatchObject({ captured: 2_000, released: 3_000 });
  });

  it('transfers, and reads the message of its arrival', async () => {
    const named = {
      out_biz_no: 'vendor_payout',
      product_code: 'TRANS_ACCOUNT_NO_PWD',
      biz_scene: 'DIRECT_TRANSFER',
    };
    const payee = { identity: '6222021234567890', identity_type: 'BANKCARD_ACCOUNT', name: '王五' };
    const sent = await exec('alipay.fund.trans.uni.transfer', {
      ...named,
      trans_amount: '12.30',
      order_title: '佣金',
      payee_info: payee,
    });
    expect(sent).toMatchObject({ code: '10000', status: 'DEALING' });
    await site.payer.approve('vendor_payout');
    const message = await told('alipay.fund.trans.order.changed');
    // Messages are signed with sign_type inside: the check of notifications alone knows them not.
    expect(sdk.checkNotifySign(message)).toBe(true);
    expect(sdk.checkNotifySign({ ...message, utc_timestamp: '0' })).toBe(false);
    expect(await exec('alipay.fund.trans.common.query', named)).toMatchObject({
      status: 'SUCCESS',
      transAmount: '12.30',
    });
    const account = { account_type: 'ACCTRANS_ACCOUNT', alipay_user_id: site.credentials.sellerId };
    const balance = await exec('alipay.fund.account.query', account);
    expect(balance).toMatchObject({ code: '10000', freezeAmount: '0.00' });
  });
});
