import { X509Certificate } from 'node:crypto';
import { decodeText, encodeText } from '@polyrail/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formPairs, formText } from '../src/envelope.ts';
import { type AlipaySite, notificationLadderMs } from '../src/index.ts';
import { certificateSn, rootCertificateSn } from '../src/seal.ts';
import {
  call,
  canonical,
  collect,
  common,
  form,
  notificationVerifies,
  pay,
  send,
  signed,
  start,
  startsAt,
  terms,
} from './client.ts';

let site: AlipaySite;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

const minute = 60_000;
const hour = 60 * minute;
const extra = { notify_url: 'http://merchant.example/notify?shop=1' };
const verifies = (fields: Record<string, string>) =>
  notificationVerifies(fields, site.credentials.platformPublicKey);

describe('a trade notification', () => {
  it('of a payment has the documented members, signed without sign and sign_type', async () => {
    const told = collect(site);
    const more = { passback_params: 'a%3D1', body: 'b' };
    await call(site, 'trade.precreate', terms('n1', '12.30', more), { extra });
    await site.payer.approve('n1');
    await site.notifier.idle();
    expect(told).toHaveLength(1);
    const fields = told[0]?.fields ?? {};
    expect(verifies(fields)).toBe(true);
    const { sign: _, notify_id: notifyId, trade_no: tradeNo, ...rest } = fields;
    expect(notifyId).toMatch(/^20261124\d{26}$/);
    expect(tradeNo).toBe(site.book('n1')?.channelId);
    const { appId, sellerId } = site.credentials;
    expect(rest).toEqual({
      app_id: appId,
      auth_app_id: appId,
      body: 'b',
      buyer_id: expect.stringMatching(/^2088\d{12}$/),
      buyer_logon_id: expect.stringContaining('***'),
      buyer_pay_amount: '12.30',
      charset: 'utf-8',
      fund_bill_list: '[{"amount":"12.30","fundChannel":"ALIPAYACCOUNT"}]',
      gmt_create: '2026-11-24 15:08:09',
      gmt_payment: '2026-11-24 15:08:09',
      invoice_amount: '12.30',
      notify_time: '2026-11-24 15:08:09',
      notify_type: 'trade_status_sync',
      out_trade_no: 'n1',
      passback_params: 'a%3D1',
      point_amount: '0.00',
      receipt_amount: '12.30',
      seller_id: sellerId,
      sign_type: 'RSA2',
      subject: '测试 goods',
      total_amount: '12.30',
      trade_status: 'TRADE_SUCCESS',
      version: '1.0',
    });
  });

  it('goes to no one who named no address', async () => {
    const told = collect(site);
    await pay(site, 'n2');
    await site.notifier.idle();
    expect(told).toEqual([]);
    const bad = await pay(site, 'n3', '1.00', { extra: { notify_url: 'ftp://x/y' } });
    expect(bad).toMatchObject({ code: '40002', sub_code: 'isv.invalid-parameter' });
    expect(site.book('n3')).toBeUndefined();
  });

  it('follows refunds: paid again with the sum, then closed', async () => {
    const told = collect(site);
    await pay(site, 'n4', '3.00', { extra });
    const refund = (amount: string, id: string) =>
      call(site, 'trade.refund', {
        out_trade_no: 'n4',
        refund_amount: amount,
        out_request_no: id,
      });
    await refund('1.00', 'r1');
    await refund('1.00', 'r1');
    await refund('2.00', 'r2');
    await site.notifier.idle();
    expect(told.map(({ fields }) => fields['trade_status'])).toEqual([
      'TRADE_SUCCESS',
      'TRADE_SUCCESS',
      'TRADE_CLOSED',
    ]);
    expect(told[0]?.fields['refund_fee']).toBeUndefined();
    expect(told[1]?.fields).toMatchObject({
      refund_fee: '1.00',
      out_biz_no: 'r1',
      gmt_refund: '2026-11-24 15:08:09.000',
      send_back_fee: '1.00',
    });
    expect(told[1]?.fields['gmt_close']).toBeUndefined();
    expect(told[2]?.fields).toMatchObject({
      refund_fee: '3.00',
      out_biz_no: 'r2',
      gmt_close: '2026-11-24 15:08:09',
      gmt_payment: '2026-11-24 15:08:09',
    });
    expect(new Set(told.map(({ fields }) => fields['notify_id'])).size).toBe(3);
    expect(told.every(({ fields }) => verifies(fields))).toBe(true);
  });

  it('tells of a timeout, a close and the end of the refund window', async () => {
    const told = collect(site);
    const biz = { ...terms('n5'), buyer_id: '2088123412341234', timeout_express: '5m' };
    await call(site, 'trade.create', biz, { extra });
    await site.clock.advance(5 * minute);
    const created = { ...biz, out_trade_no: 'n6', timeout_express: '1d' };
    await call(site, 'trade.create', created, { extra });
    const other = { notify_url: 'http://merchant.example/closed' };
    await call(site, 'trade.close', { out_trade_no: 'n6' }, { extra: other });
    await pay(site, 'n7', '1.00', { extra });
    const part = { out_trade_no: 'n7', refund_amount: '0.40', out_request_no: 'r' };
    await call(site, 'trade.refund', part);
    await site.clock.advance(365 * 24 * hour);
    const seen = told.map(({ fields }) => [fields['out_trade_no'], fields['trade_status']]);
    expect(seen).toEqual([
      ['n5', 'TRADE_CLOSED'],
      ['n6', 'TRADE_CLOSED'],
      ['n7', 'TRADE_SUCCESS'],
      ['n7', 'TRADE_SUCCESS'],
      ['n7', 'TRADE_FINISHED'],
    ]);
    expect(told.at(-1)?.fields).toMatchObject({ refund_fee: '0.40', total_amount: '1.00' });
    expect(told.at(-1)?.fields['out_biz_no']).toBeUndefined();
    expect(told[0]?.fields['gmt_payment']).toBeUndefined();
    expect(told[0]?.fields['gmt_close']).toBe('2026-11-24 15:13:09');
    const urls = site.journal.entries({ direction: 'notification', id: 'n6' });
    expect(JSON.stringify(urls)).toContain('merchant.example/closed');
  });

  it('keeps quiet about trade.close where the product does', async () => {
    const quiet = await start({ tradeCloseNotifies: false, seed: 21 });
    const told = collect(quiet);
    for (const [id, method] of [
      ['q1', 'trade.close'],
      ['q2', 'trade.cancel'],
    ] as const) {
      const biz = { ...terms(id), buyer_id: '2088123412341234' };
      await call(quiet, 'trade.create', biz, { extra });
      await call(quiet, method, { out_trade_no: id });
    }
    await pay(quiet, 'q3', '1.00', { extra });
    await call(quiet, 'trade.cancel', { out_trade_no: 'q3' });
    await quiet.notifier.idle();
    const seen = told.map(({ fields }) => [fields['out_trade_no'], fields['trade_status']]);
    expect(seen).toEqual([
      ['q3', 'TRADE_SUCCESS'],
      ['q3', 'TRADE_CLOSED'],
    ]);
    await quiet.stop();
  });

  it('speaks the charset and the sign_type of the order', async () => {
    const told = collect(site);
    const fields = common('alipay.trade.precreate', site.credentials, {
      ...terms('n8'),
      subject: '中文',
    });
    const gbk = { ...fields, ...extra, charset: 'gbk', sign_type: 'RSA' };
    const bytes = ((text: string) => Buffer.from(encodeText(text, 'gbk'))) as never;
    const whole = signed(gbk, site.credentials.merchantPrivateKey, bytes);
    await send(site, { body: formText(whole, 'gbk') });
    await site.payer.approve('n8');
    await site.notifier.idle();
    const raw = told[0]?.raw ?? '';
    expect(raw).toContain(`subject=${'%D6%D0%CE%C4'}`);
    const decoded = formPairs(raw).map(([name, value]) => [name, decodeText(value, 'gbk')]);
    const said = Object.fromEntries(decoded) as Record<string, string>;
    expect(said).toMatchObject({ charset: 'GBK', sign_type: 'RSA', subject: '中文' });
    const { createVerify } = await import('node:crypto');
    const text = encodeText(canonical(said, ['sign', 'sign_type']), 'gbk');
    const check = createVerify('RSA-SHA1').update(text);
    expect(check.verify(site.credentials.platformPublicKey, said['sign'] ?? '', 'base64')).toBe(
      true,
    );
  });
});

describe('the ladder', () => {
  it('is that of the dossier: 24 hours and 22 minutes', () => {
    const hours = notificationLadderMs.map((ms) => ms / hour);
    expect(hours).toEqual([4 / 60, 10 / 60, 10 / 60, 1, 2, 6, 15]);
  });

  it('makes eight deliveries of one event, then gives up', async () => {
    const told = collect(site, () => 'fail');
    await pay(site, 'l1', '1.00', { extra });
    await site.clock.advance(48 * hour);
    const gaps = told.map(({ at }) => at - startsAt);
    const steps = [4, 14, 24, 84, 204, 564, 1464].map((minutes) => minutes * minute);
    expect(gaps).toEqual([0, ...steps]);
    expect(new Set(told.map(({ fields }) => fields['notify_id'])).size).toBe(1);
    expect(told.every(({ fields }) => verifies(fields))).toBe(true);
    expect(told.at(-1)?.fields['notify_time']).toBe('2026-11-25 15:32:09');
    expect(site.notifier.pending()).toEqual([]);
  });

  it.each(['SUCCESS', 'success\n', ' success', '"success"', '', 'ok'])(
    'does not take %j for success',
    async (answer) => {
      const told = collect(site, () => answer);
      await pay(site, 'l2', '1.00', { extra });
      await site.clock.advance(4 * minute);
      expect(told).toHaveLength(2);
    },
  );

  it('stops at success', async () => {
    const answers = ['fail', 'success'];
    const told = collect(site, () => answers.shift() ?? 'unexpected');
    await pay(site, 'l3', '1.00', { extra });
    await site.clock.advance(48 * hour);
    expect(told).toHaveLength(2);
  });
});

describe('a notification that is wrong on purpose', () => {
  const arm = async (fault: string, details: object = {}) => {
    const told = collect(site);
    site.faults.arm({ fault, operation: 'trade_status_sync', ...details });
    await pay(site, 'w1', '1.00', { extra });
    await site.clock.advance(24 * hour);
    return told.map(({ fields }) => fields);
  };

  it('bad-signature and foreign-signature do not verify', async () => {
    expect((await arm('bad-signature')).map(verifies)).toEqual([false]);
    site.faults.arm({ fault: 'foreign-signature', operation: 'trade_status_sync' });
    const told = collect(site);
    await pay(site, 'w2', '1.00', { extra });
    await site.notifier.idle();
    expect(told.map(({ fields }) => verifies(fields))).toEqual([false]);
  });

  it('wrong-amount and wrong-order verify and lie', async () => {
    const [amount] = await arm('wrong-amount');
    expect(amount).toMatchObject({ total_amount: '1.01' });
    expect(verifies(amount ?? {})).toBe(true);
    site.faults.arm({ fault: 'wrong-order', otherId: 'other', operation: 'trade_status_sync' });
    const told = collect(site);
    await pay(site, 'w3', '1.00', { extra });
    await site.notifier.idle();
    expect(told[0]?.fields['out_trade_no']).toBe('other');
    expect(verifies(told[0]?.fields ?? {})).toBe(true);
  });

  it('key-rotation signs with the next certificate', async () => {
    const [fields = {}] = await arm('key-rotation');
    expect(verifies(fields)).toBe(false);
    site.faults.arm({ fault: 'key-rotation', operation: 'alipay.trade.query' });
    const body = form(
      signed(
        {
          ...common('alipay.trade.query', site.credentials, { out_trade_no: 'w1' }),
          app_cert_sn: certificateSn(site.credentials.merchantCert),
          alipay_root_cert_sn: rootCertificateSn(site.credentials.rootCert),
        },
        site.credentials.merchantPrivateKey,
      ),
    );
    const { text } = await send(site, { body });
    const sn = /"alipay_cert_sn":"([0-9a-f]{32})"/.exec(text)?.[1];
    const node = await call(site, 'open.app.alipaycert.download', { alipay_cert_sn: sn });
    const pem = Buffer.from(node['alipay_cert_content'], 'base64').toString();
    const key = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'pem' });
    expect(notificationVerifies(fields, key as string)).toBe(true);
  });

  it('stale-timestamp is an old one, well signed', async () => {
    const [stale] = await arm('stale-timestamp', { ageMs: 3 * 24 * hour });
    expect(stale?.['notify_time']).toBe('2026-11-21 15:08:09');
    expect(verifies(stale ?? {})).toBe(true);
  });

  it("forged-notification claims a payment without the platform's key", async () => {
    const told = collect(site);
    site.faults.arm({ fault: 'forged-notification' });
    const biz = { ...terms('w4'), buyer_id: '2088123412341234', timeout_express: '5m' };
    await call(site, 'trade.create', biz, { extra });
    await site.clock.advance(5 * minute);
    expect(told.map(({ fields }) => [fields['trade_status'], verifies(fields)])).toEqual([
      ['TRADE_SUCCESS', false],
      ['TRADE_CLOSED', true],
    ]);
    expect(site.book('w4')).toMatchObject({ debits: 0 });
  });

  it('duplicate-notification repeats the same bytes', async () => {
    const [first, second, ...more] = await arm('duplicate-notification');
    expect(second).toEqual(first);
    expect(more).toEqual([]);
  });
});
