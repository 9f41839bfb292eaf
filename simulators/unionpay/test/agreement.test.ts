/** Opening cards: factors, SMS codes, tokens, the page, and the banks with their differences. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Card, UnionPaySite } from '../src/index.ts';
import {
  backUrl,
  call,
  cardAt,
  customerInfo,
  type Fields,
  factorsOf,
  frontUrl,
  isGenuine,
  listen,
  query,
  readNested,
  reveal,
  start,
} from './client.ts';

let site: UnionPaySite;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

const ordinary = cardAt('ordinary');

const nested = '{trId=62000000001&tokenType=01}';
const token = { bizType: '000902', tokenPayData: nested };
const plainCard = { bizType: '000301' };

const about = (card: Card, secret: Fields = {}, clear: Fields = {}): Fields =>
  factorsOf(card, site.credentials.encryptCert, { clear, secret });

const sms = (orderId: string, fields: Fields) =>
  call(site, 'back', { txnType: '77', txnSubType: '00', orderId, ...fields });
const open = (orderId: string, fields: Fields) =>
  call(site, 'back', { txnType: '79', txnSubType: '00', orderId, ...fields });

/** SMS, then opening with the code. */
async function opened(orderId: string, card = ordinary, product: Fields = token) {
  await sms(orderId, { ...product, ...about(card) });
  const smsCode = site.smsCode(orderId) ?? '';
  return open(orderId, { ...product, ...about(card, {}, { smsCode }) });
}
const money = { txnAmt: '1000', currencyCode: '156', backUrl };
const pay = (orderId: string, fields: Fields) =>
  call(site, 'back', { txnType: '01', txnSubType: '01', orderId, ...money, ...fields });
const using = (data: Fields): Fields => ({
  bizType: '000902',
  tokenPayData: `{trId=${data['trId']}&token=${data['token']}}`,
});
const codeIn = (smsCode: string): Fields => ({
  customerInfo: customerInfo({ smsCode }, {}, site.credentials.encryptCert),
});

describe('opening by a server, with a token', () => {
  it('needs the code of the SMS, which people can see and the journal tells without card data', async () => {
    const asked = await sms('open00001', { ...token, ...about(ordinary) });
    expect(asked.fields).toMatchObject({ respCode: '00', txnType: '77' });
    const code = site.smsCode('open00001') ?? '';
    expect(code).toMatch(/^\d{6}$/);
    const journal = JSON.stringify(site.journal.entries());
    expect(journal).toContain(`SMS to 135****5506: the code is ${code}.`);
    expect(journal).not.toContain(ordinary.number);
    expect(journal).not.toContain(ordinary.phoneNo);
    expect(JSON.stringify(site.book())).toContain(code);
    const without = await open('open00001', { ...token, ...about(ordinary) });
    expect(without.fields['respMsg']).toBe('报文交易要素缺失[6151084]');
    const wrong = await open('open00001', {
      ...token,
      ...about(ordinary, {}, { smsCode: code === '000000' ? '000001' : '000000' }),
    });
    expect(wrong.fields['respCode']).toBe('71');
    expect(site.agreement('open00001')).toBeUndefined();
  });

  it('answers with a token of five years, four digits and the phone', async () => {
    const told = listen(site);
    const { fields, text } = await opened('open00001');
    expect(isGenuine(fields, site.credentials)).toBe(true);
    expect(fields).toMatchObject({ respCode: '00', activateStatus: '1', txnType: '79' });
    const data = readNested(fields['tokenPayData'] ?? '');
    expect(data).toMatchObject({
      ...{ trId: '62000000001', tokenType: '01', tokenLevel: '10' },
      tokenBegin: '20261124151509',
    });
    expect(data['token']).toMatch(/^6235240\d{12}$/);
    expect(data['tokenEnd']?.slice(0, 4)).toBe('2031');
    expect(text).toContain('&tokenPayData={token=');
    expect(reveal(fields['accNo'] ?? '', site.credentials)).toBe('0018');
    const outer = Buffer.from(fields['customerInfo'] ?? '', 'base64').toString();
    const hidden = readNested(outer)['encryptedInfo'] ?? '';
    expect(reveal(hidden, site.credentials)).toBe(`phoneNo=${ordinary.phoneNo}`);
    expect(site.agreement('open00001')).toEqual({
      merchantId: 'open00001',
      channelId: data['token'],
      state: 'ACTIVE',
      active: true,
      signed: 1,
      charges: 0,
    });
    await site.clock.advance(3_600_000);
    expect(told).toHaveLength(0);
  });

  it('is told again for the same number, and by the open query', async () => {
    const first = (await opened('open00001')).fields['tokenPayData'];
    expect((await open('open00001', { ...token, ...about(ordinary) })).fields['tokenPayData']).toBe(
      first,
    );
    const asked = { txnType: '78', txnSubType: '02', orderId: 'open00001', bizType: '000902' };
    expect((await call(site, 'back', asked)).fields['tokenPayData']).toBe(first);
    const unknown = await call(site, 'back', { ...asked, orderId: 'open00009' });
    expect(unknown.fields['respCode']).toBe('34');
    expect((await query(site, 'open00001')).fields['respCode']).toBe('34');
    expect((await opened('open00002')).fields['tokenPayData']).toBe(first);
  });

  it.each([
    ['another name', { customerNm: '李四' }, {}, '66'],
    ['another identity', { certifId: '110101199001011234' }, {}, '66'],
    ['another phone', {}, { phoneNo: '13900000000' }, '66'],
    ['no phone', {}, { phoneNo: '' }, '13'],
  ])('refuses %s', async (_what, clear, secret, respCode) => {
    await sms('open00001', { ...token, ...about(ordinary) });
    const smsCode = site.smsCode('open00001') ?? '';
    const factors = about(ordinary, secret as Fields, { ...(clear as Fields), smsCode });
    expect((await open('open00001', { ...token, ...factors })).fields['respCode']).toBe(respCode);
    expect(site.agreement('open00001')).toBeUndefined();
  });

  it('asks a credit card for CVN2 and expiry', async () => {
    const card = cardAt('credit');
    const wrong = about(card, { cvn2: '999' }, { smsCode: '111111' });
    expect((await open('open00001', { ...token, ...wrong })).fields['respCode']).toBe('65');
    const right = about(card, {}, { smsCode: '111111' });
    expect((await open('open00001', { ...token, ...right })).fields['respCode']).toBe('00');
  });

  it('takes no code of another order, and 111111 only where the option says so', async () => {
    await sms('open00001', { ...token, ...about(ordinary) });
    const smsCode = site.smsCode('open00001') ?? '';
    const other = about(ordinary, {}, { smsCode });
    expect((await open('open00002', { ...token, ...other })).fields['respCode']).toBe('71');
    await site.stop();
    site = await start({ testCodes: false });
    const always = about(ordinary, {}, { smsCode: '111111' });
    expect((await open('open00001', { ...token, ...always })).fields['respCode']).toBe('71');
  });

  it('is for credit cards alone where the merchant is set up so', async () => {
    await site.stop();
    site = await start({ backOpening: 'credit' });
    const { fields } = await open('open00001', { ...plainCard, ...about(ordinary) });
    expect(fields['respMsg']).toBe('无此交易权限[6131010]');
    expect(reveal(fields['accNo'] ?? '', site.credentials)).toBe(ordinary.number);
  });
});

describe('the banks with their differences', () => {
  it('one checks three factors: a wrong phone passes, a wrong name does not', async () => {
    const card = cardAt('three-factors');
    const phone = about(card, { phoneNo: '13900000000' }, { smsCode: '111111' });
    expect((await open('open00001', { ...token, ...phone })).fields['respCode']).toBe('00');
    const name = about(card, {}, { smsCode: '111111', customerNm: '李四' });
    expect((await open('open00002', { ...token, ...name })).fields['respCode']).toBe('66');
    const none = about(card, {}, { smsCode: '111111', customerNm: '' });
    expect((await open('open00003', { ...token, ...none })).fields['respCode']).toBe('13');
  });

  it('one sends no SMS, and opens without', async () => {
    const card = cardAt('no-sms');
    const asked = await sms('open00001', { ...token, ...about(card) });
    expect(asked.fields['respMsg']).toMatch(/^此卡可用，但发卡行暂不支持短信验证\[/);
    expect((await open('open00001', { ...token, ...about(card) })).fields['respCode']).toBe('00');
  });

  it('one refuses to bind a card twice, until it is free again', async () => {
    const card = cardAt('no-rebinding');
    const data = readNested((await opened('open00001', card)).fields['tokenPayData'] ?? '');
    expect((await opened('open00002', card)).fields['respCode']).toBe('40');
    const end = { txnType: '74', txnSubType: '01', orderId: 'end000001', ...using(data) };
    expect((await call(site, 'back', end)).fields['respCode']).toBe('00');
    expect(site.agreement('open00001')).toMatchObject({ active: false, state: 'ENDED' });
    expect((await opened('open00003', card)).fields['respCode']).toBe('00');
  });

  it('one times out, and opens the card later all the same', async () => {
    const card = cardAt('times-out');
    const late = await opened('open00001', card);
    expect(late.fields['respMsg']).toMatch(/^交易通讯超时，请发起查询交易\[/);
    const asked = { txnType: '78', txnSubType: '02', orderId: 'open00001', bizType: '000902' };
    expect((await call(site, 'back', asked)).fields).toMatchObject({ activateStatus: '0' });
    expect(site.agreement('open00001')).toMatchObject({ state: 'OPENING', active: false });
    await site.clock.advance(31_000);
    expect((await call(site, 'back', asked)).fields).toMatchObject({ activateStatus: '1' });
  });
});

describe('paying with what was opened', () => {
  it('by token, with an SMS of its own and without', async () => {
    const told = listen(site);
    const data = readNested((await opened('open00001')).fields['tokenPayData'] ?? '');
    const asked = { txnType: '77', txnSubType: '02', orderId: 'order0001', ...using(data) };
    const { fields } = await call(site, 'back', { ...asked, ...money });
    expect(fields).toMatchObject({ respCode: '00', txnAmt: '1000', currencyCode: '156' });
    const smsCode = site.smsCode('order0001') ?? '';
    const wrong = await pay('order0001', { ...using(data), ...codeIn('999999') });
    expect(wrong.fields['respCode']).toBe('71');
    const other = { ...using(data), ...codeIn(smsCode), txnAmt: '2000' };
    expect((await pay('order0001', other)).fields['respCode']).toBe('71');
    const right = await pay('order0001', { ...using(data), ...codeIn(smsCode) });
    expect(right.fields['respCode']).toBe('00');
    expect(site.book('order0001')).toMatchObject({ state: 'ACCEPTED', debits: 0 });
    expect((await query(site, 'order0001')).fields['origRespCode']).toBe('05');
    expect((await pay('order0002', using(data))).fields['respCode']).toBe('00');
    await site.clock.advance(5_000);
    expect(site.book('order0001')).toMatchObject({ state: 'SUCCEEDED', debits: 1 });
    expect(told.map((one) => one.fields['orderId'])).toEqual(['order0001', 'order0002']);
    expect(told[0]?.fields['accNo']).toBeUndefined();
    expect(site.agreement('open00001')).toMatchObject({ charges: 2 });
  });

  it('by the number of a card, once it is open', async () => {
    const numbered = { ...plainCard, ...about(ordinary) };
    expect((await pay('order0001', numbered)).fields['respCode']).toBe('77');
    await opened('open00001', ordinary, plainCard);
    const asked = { txnType: '78', txnSubType: '00', orderId: 'query0001', ...numbered };
    expect((await call(site, 'back', asked)).fields).toMatchObject({
      activateStatus: '1',
      payCardType: '01',
    });
    const { fields } = await pay('order0001', { ...numbered, ...codeIn('111111') });
    expect(fields).toMatchObject({ respCode: '00', currencyCode: '156' });
    expect(fields['accNo']).toBeUndefined();
  });

  it('not with a token that ended, was renewed, or is of somebody else', async () => {
    const data = readNested((await opened('open00001')).fields['tokenPayData'] ?? '');
    const other = await site.enroll();
    const posed = {
      txnType: '01',
      txnSubType: '01',
      orderId: 'order0001',
      ...money,
      ...using(data),
    };
    expect((await call(site, 'back', posed, other)).fields['respCode']).toBe('89');
    const renewal = { txnType: '79', txnSubType: '03', orderId: 'renew0001', ...using(data) };
    const renewed = (await call(site, 'back', renewal)).fields['tokenPayData'] ?? '';
    expect((await pay('order0001', using(data))).fields['respMsg']).toMatch(/\[3910014\]$/);
    expect((await pay('order0002', using(readNested(renewed)))).fields['respCode']).toBe('00');
    await site.clock.advance(6 * 365 * 86_400_000);
    const late = await pay('order0003', using(readNested(renewed)));
    expect(late.fields['respMsg']).toMatch(/^交易失败，Token已过期\[3910013\]$/);
  });
});

describe('a charge that is asked for again', () => {
  it('once its token has ended is told as the one it was', async () => {
    const data = readNested((await opened('open00001')).fields['tokenPayData'] ?? '');
    expect((await pay('order0001', using(data))).fields['respCode']).toBe('00');
    const end = { txnType: '74', txnSubType: '01', orderId: 'end000001', ...using(data) };
    expect((await call(site, 'back', end)).fields['respCode']).toBe('00');
    const again = await pay('order0001', using(data));
    expect(again.fields['respMsg']).toBe('重复交易[2010002]');
  });
});

describe('opening on the page', () => {
  const page = (orderId: string, fields: Fields = {}) =>
    call(site, 'front', {
      ...{ txnType: '79', txnSubType: '00', orderId, frontUrl, backUrl, ...token, ...fields },
    });

  it('is told front and back, in the recorded words', async () => {
    const told = listen(site);
    expect((await page('open00001')).status).toBe(302);
    expect(site.agreement('open00001')).toMatchObject({ state: 'OPEN', active: false });
    await site.payer.approve('open00001');
    await site.clock.advance(0);
    const { fields } = told[0]!;
    expect(isGenuine(fields, site.credentials)).toBe(true);
    expect(fields).toMatchObject({ respCode: '00', respMsg: 'Success!', activateStatus: '1' });
    expect(Object.keys(fields)).toEqual([
      ...['accNo', 'accessType', 'activateStatus', 'bizType', 'customerInfo', 'encoding', 'merId'],
      ...['orderId', 'respCode', 'respMsg', 'signMethod', 'signPubKeyCert', 'tokenPayData'],
      ...['txnSubType', 'txnTime', 'txnType', 'version', 'signature'],
    ]);
    await site.payer.decline('open00001');
    expect(site.agreement('open00001')).toMatchObject({ active: false });
  });

  it('is refused by its holder, or by a bank that binds once', async () => {
    const told = listen(site);
    await page('open00001');
    await site.payer.decline('open00001');
    expect(site.agreement('open00001')).toMatchObject({ state: 'FAILED', active: false });
    await opened('open00002', cardAt('no-rebinding'));
    await page('open00003');
    await site.payer.approve('open00003', { card: 'no-rebinding' });
    expect(site.agreement('open00003')).toMatchObject({ state: 'FAILED' });
    await site.clock.advance(3_600_000);
    expect(told).toHaveLength(0);
  });

  it('opens by paying, and gives the token to whoever asks for it', async () => {
    const consume = { txnType: '01', txnSubType: '01', orderId: 'order0001', frontUrl, ...money };
    expect((await call(site, 'front', { ...consume, ...token })).status).toBe(302);
    await site.payer.approve('order0001');
    const asked = { txnType: '79', txnSubType: '05', orderId: 'order0001', bizType: '000902' };
    const { fields } = await call(site, 'back', asked);
    expect(readNested(fields['tokenPayData'] ?? '')['token']).toMatch(/^6235240/);
    expect(site.book('order0001')).toMatchObject({ debits: 1 });
  });
});

it('verifies an identity, and asks less than a bank', async () => {
  const verify = (fields: Fields) =>
    call(site, 'back', {
      txnType: '72',
      txnSubType: '01',
      bizType: '000401',
      orderId: 'verify001',
      ...fields,
    });
  const phone = about(ordinary, { phoneNo: '13900000000' });
  expect((await verify(phone)).fields['respCode']).toBe('00');
  expect((await open('open00001', { ...token, ...phone })).fields['respCode']).toBe('66');
  const name = about(ordinary, {}, { customerNm: '李四' });
  expect((await verify(name)).fields['respCode']).toBe('66');
});
