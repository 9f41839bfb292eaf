/** Consumes: on a page, in an app, by code; what queries tell of them. */
import { createHash, verify, X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UnionPaySite } from '../src/index.ts';
import {
  backUrl,
  call,
  certIdOf,
  hide,
  isGenuine,
  now,
  paid,
  payOnPage,
  query,
  reveal,
  start,
} from './client.ts';

let site: UnionPaySite;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

const get = async (url: string): Promise<string> => {
  const reply = await site.transport.exchange({ method: 'GET', url, headers: {} });
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

describe('a consume on the page', () => {
  it('leads the browser to a cashier, and is not paid by that', async () => {
    const { status, headers, text } = await payOnPage(site, 'order0001');
    expect([status, text]).toEqual([302, '']);
    expect(headers['content-length']).toBe('0');
    const page = await get(headers['location'] ?? '');
    expect(page).toContain('¥10.00');
    expect(page).not.toContain('6216261000000000018</');
    const { fields } = await query(site, 'order0001');
    expect(fields).toMatchObject({
      respCode: '00',
      origRespCode: '05',
      origRespMsg: '交易已受理，请稍后查询交易结果[6154037]',
      settleAmt: '0',
      txnType: '01',
      txnAmt: '1000',
    });
    expect(fields['queryId']).toBeUndefined();
    expect(fields['traceNo']).toBeUndefined();
    expect(site.book('order0001')).toMatchObject({ state: 'OPEN', debits: 0, paid: 0 });
  });

  it('is paid once, and told as recorded answers tell it', async () => {
    const fields = await paid(site, 'order0001');
    expect(isGenuine(fields, site.credentials)).toBe(true);
    const { accNo = '', signPubKeyCert: _pem, signature: _signature, ...rest } = fields;
    expect(reveal(accNo, site.credentials)).toBe('6216***********0018');
    expect(rest).toEqual({
      accessType: '0',
      bizType: '000000',
      currencyCode: '156',
      encoding: 'UTF-8',
      issuerIdentifyMode: '0',
      merId: site.credentials.merId,
      orderId: 'order0001',
      origRespCode: '00',
      origRespMsg: '成功[0000000]',
      queryId: rest['queryId'],
      respCode: '00',
      respMsg: '成功[0000000]',
      settleAmt: '1000',
      settleCurrencyCode: '156',
      settleDate: '1124',
      signMethod: '01',
      traceNo: rest['traceNo'],
      traceTime: '1124151509',
      txnAmt: '1000',
      txnSubType: '01',
      txnTime: now,
      txnType: '01',
      version: '5.1.0',
    });
    expect(rest['queryId']).toMatch(new RegExp(`^\\d\\d${now.slice(2)}${rest['traceNo']}8$`));
    await site.payer.approve('order0001');
    expect(site.book('order0001')).toEqual({
      merchantId: 'order0001',
      channelId: rest['queryId'],
      state: 'SUCCEEDED',
      debits: 1,
      paid: 1000,
      refunds: 0,
      refunded: 0,
    });
  });

  it('leads to the same page again while it is open, and is refused afterwards', async () => {
    const first = await payOnPage(site, 'order0001');
    const second = await payOnPage(site, 'order0001');
    expect(second.headers['location']).toBe(first.headers['location']);
    const other = await payOnPage(site, 'order0001', { txnAmt: '2000' });
    // As a client reads it that takes everything up to the last mark of the line.
    expect(/end_error">(.*)<\//.exec(other.text)?.[1]).toBe('交易失败 12重复交易[2010002]');
    await site.payer.approve('order0001');
    expect((await payOnPage(site, 'order0001')).text).toContain('12重复交易[2010002]');
    expect(site.book('order0001')).toMatchObject({ debits: 1 });
  });

  it('fails when declined or when its time is over', async () => {
    await payOnPage(site, 'order0001');
    await site.payer.decline('order0001');
    expect((await query(site, 'order0001')).fields).toMatchObject({ origRespCode: '30' });
    await payOnPage(site, 'order0002', { payTimeout: '20261124153009' });
    await site.clock.advance(16 * 60_000);
    expect((await query(site, 'order0002')).fields).toMatchObject({ origRespCode: '69' });
    await expect(site.payer.approve('order0002')).rejects.toThrow('cannot be paid');
    expect(site.book('order0002')).toMatchObject({ debits: 0, state: 'FAILED' });
  });

  it('posts the browser back, with the words of the front channel', async () => {
    const { headers } = await payOnPage(site, 'order0001');
    await site.payer.approve('order0001');
    const page = await get(headers['location'] ?? '');
    expect(page).toContain('action="http://merchant.invalid/front"');
    const inputs = [...page.matchAll(/name="(\w+)" value="([^"]*)"/g)];
    const unescaped = (text = '') =>
      text.replaceAll('&quot;', '"').replaceAll('&amp;', '&').replaceAll('&#39;', "'");
    const fields = Object.fromEntries(inputs.map(([, name, value]) => [name, unescaped(value)]));
    expect(fields).toMatchObject({ respMsg: 'success', exchangeRate: '0', settleAmt: '1000' });
    expect(Object.keys(fields)).toEqual(Object.keys(fields).sort());
    expect(isGenuine(fields, site.credentials)).toBe(true);
  });
});

const money = { txnAmt: '1000', currencyCode: '156', backUrl };

describe('a card named beforehand', () => {
  it('may be encrypted for the certificate that is handed out, and for no other', async () => {
    const { encryptCert, platformCert } = site.credentials;
    const accNo = hide('6226090000000048', encryptCert);
    const encryptCertId = certIdOf(encryptCert);
    const { accNo: told = '' } = await paid(site, 'order0001', { accNo, encryptCertId });
    expect(reveal(told, site.credentials)).toBe('6226********0048');
    const strange = { accNo, encryptCertId: certIdOf(platformCert) };
    const refused = await payOnPage(site, 'order0002', strange);
    expect(refused.text).toContain('[9100003]Invalid field[encryptCertId]');
    const garbage = await payOnPage(site, 'order0003', { accNo: 'AAAA', encryptCertId });
    expect(garbage.text).toContain('[9100003]Invalid field[accNo]');
    const unknown = await payOnPage(site, 'order0004', { accNo: '6212142600000000167' });
    expect(unknown.text).toContain('61输入的卡号无效');
  });
});

describe('other ways to pay', () => {
  it('gives an app a number that the cashier knows', async () => {
    const consume = { txnType: '01', txnSubType: '01', bizType: '000201', channelType: '08' };
    const { fields } = await call(site, 'app', { ...consume, orderId: 'order0001', ...money });
    expect(fields['respCode']).toBe('00');
    expect(fields['tn']).toMatch(/^\d{21}$/);
    expect(isGenuine(fields, site.credentials)).toBe(true);
    expect(await get(`${site.url}/_sim/cashier?ticket=${fields['tn']}`)).toContain('¥10.00');
    const again = await call(site, 'app', { ...consume, orderId: 'order0001', ...money });
    expect(again.fields['respMsg']).toBe('重复交易[2010002]');
    await site.payer.approve('order0001');
    expect(site.book('order0001')).toMatchObject({ debits: 1 });
  });

  it('hands a phone what its app may show, and nobody may believe', async () => {
    const consume = { txnType: '01', txnSubType: '01', bizType: '000201', channelType: '08' };
    const { fields } = await call(site, 'app', { ...consume, orderId: 'order0001', ...money });
    const phone = async (decision: string) => {
      const url = `${site.url}/_sim/app?tn=${fields['tn']}&decision=${decision}`;
      const reply = await site.transport.exchange({ method: 'POST', url, headers: {}, body: '' });
      const chunks: Uint8Array[] = [];
      for await (const chunk of reply.body) chunks.push(chunk);
      return JSON.parse(Buffer.concat(chunks).toString());
    };
    expect((await phone('abandon')).data).toMatch(/^pay_result=cancel&tn=\d{21}&cert_id=\d+$/);
    const { data, sign } = await phone('approve');
    expect(data).toContain('pay_result=success&');
    const digest = createHash('sha1').update(data).digest('hex');
    const { publicKey } = new X509Certificate(site.credentials.platformCert);
    expect(verify('sha1', Buffer.from(digest), publicKey, Buffer.from(sign, 'base64'))).toBe(true);
    expect(site.book('order0001')).toMatchObject({ debits: 1 });
  });

  it('hands out a code, and takes one', async () => {
    const code = { txnType: '01', bizType: '000000', channelType: '08', ...money };
    const shown = await call(site, 'back', { ...code, txnSubType: '07', orderId: 'order0001' });
    expect(shown.fields['qrCode']).toMatch(/^https:\/\/qr\.95516\.com\/00010000\/\d{32}$/);
    const text = encodeURIComponent(shown.fields['qrCode'] ?? '');
    expect(await get(`${site.url}/_sim/cashier?ticket=${text}`)).toContain('¥10.00');
    const taken = await call(site, 'back', {
      ...code,
      ...{
        txnSubType: '06',
        orderId: 'order0002',
        qrNo: '6220000000000000001',
        termId: '00000001',
      },
    });
    expect(taken.fields).toMatchObject({ respCode: '00' });
    expect(site.book('order0002')).toMatchObject({ state: 'ACCEPTED', debits: 0 });
    await site.clock.advance(5_000);
    expect(site.book('order0002')).toMatchObject({ state: 'SUCCEEDED', debits: 1 });
  });

  it('has no gateway payment between servers', async () => {
    const consume = { txnType: '01', txnSubType: '01', bizType: '000201', orderId: 'order0001' };
    const { fields } = await call(site, 'back', { ...consume, ...money });
    expect(fields['respMsg']).toBe('无此交易权限[6131010]');
    expect(site.book('order0001')).toBeUndefined();
  });
});

describe('a query', () => {
  it('knows nothing of other times and other merchants', async () => {
    await paid(site, 'order0001');
    const late = await query(site, 'order0001', '20261124151510');
    expect(late.fields).toMatchObject({
      respCode: '34',
      respMsg: '查无此交易[2600000]',
      txnType: '00',
      txnTime: '20261124151510',
    });
    expect(late.fields['origRespCode']).toBeUndefined();
    const other = await site.enroll();
    const asked = { txnType: '00', txnSubType: '00', bizType: '000000', orderId: 'order0001' };
    const foreign = await call(site, 'query', asked, other);
    expect(foreign.fields).toMatchObject({ respCode: '34' });
    expect(isGenuine(foreign.fields, other)).toBe(true);
  });

  it('finds by queryId, and by number alone where the option says so', async () => {
    const { queryId = '' } = await paid(site, 'order0001');
    const asked = { txnType: '00', txnSubType: '00', bizType: '000000' };
    const found = await call(site, 'query', { ...asked, queryId, orderId: 'whatever1' });
    expect(found.fields).toMatchObject({ orderId: 'order0001', origRespCode: '00' });
    await site.stop();
    site = await start({ lenientQueries: true });
    await paid(site, 'order0001');
    expect((await query(site, 'order0001', '20261124160000')).fields['origRespCode']).toBe('00');
  });
});
