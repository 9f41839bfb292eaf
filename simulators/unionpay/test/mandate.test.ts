/** Mandates: set up with a card's factors, asked about, collected by, ended; and the banks. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Card, UnionPaySite } from '../src/index.ts';
import {
  backUrl,
  call,
  cardAt,
  type Fields,
  factorsOf,
  isGenuine,
  listen,
  post,
  query,
  reveal,
  sequel,
  start,
} from './client.ts';

let site: UnionPaySite;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

const ordinary = cardAt('ordinary');
const product = { bizType: '000501' };
const money = { txnAmt: '1000', currencyCode: '156', backUrl };

const about = (card: Card, clear: Fields = {}, secret: Fields = {}): Fields =>
  factorsOf(card, site.credentials.encryptCert, { clear, secret });

const setUp = (orderId: string, fields: Fields = about(ordinary)) =>
  call(site, 'back', {
    ...{ txnType: '72', txnSubType: '11', ...product, orderId, bindId: orderId },
    ...fields,
  });
const ask = (bindId: string) =>
  call(site, 'back', {
    ...{ txnType: '75', txnSubType: '00', ...product, orderId: 'asked0001', bindId },
  });
const end = (bindId: string) =>
  call(site, 'back', {
    ...{ txnType: '74', txnSubType: '04', ...product, orderId: 'ended0001', bindId },
  });
const collect = (orderId: string, fields: Fields) =>
  call(site, 'back', { txnType: '11', txnSubType: '02', ...product, orderId, ...money, ...fields });
const codeOf = async (answer: ReturnType<typeof setUp>) => (await answer).fields['respCode'];

describe('a mandate', () => {
  it('stands once its bank has taken the factors, and nobody is told but who asked', async () => {
    const told = listen(site);
    const { fields } = await setUp('mandate01');
    expect(isGenuine(fields, site.credentials)).toBe(true);
    expect(fields).toMatchObject({ respCode: '00', txnType: '72', bindId: 'mandate01' });
    expect(reveal(fields['accNo'] ?? '', site.credentials)).toBe('0018');
    expect(site.agreement('mandate01')).toEqual({
      merchantId: 'mandate01',
      channelId: 'mandate01',
      state: 'ACTIVE',
      active: true,
      signed: 1,
      charges: 0,
    });
    await site.clock.advance(6 * 365 * 86_400_000);
    expect(site.agreement('mandate01')).toMatchObject({ active: true });
    expect(told).toHaveLength(0);
    const journal = JSON.stringify(site.journal.entries());
    expect(journal).toContain('mandates.create');
    for (const one of [ordinary.number, ordinary.phoneNo, ordinary.certifId]) {
      expect(journal).not.toContain(one);
    }
  });

  it('does not stand by a stranger’s factors, nor without any', async () => {
    expect(await codeOf(setUp('mandate01', about(ordinary, { customerNm: '李四' })))).toBe('66');
    expect(await codeOf(setUp('mandate02', about(ordinary, {}, { phoneNo: '139' })))).toBe('66');
    const { customerInfo: _none, ...bare } = about(ordinary);
    expect(await codeOf(setUp('mandate03', bare))).toBe('13');
    const { accNo: _number, ...unnamed } = about(ordinary);
    expect((await setUp('mandate04', unnamed)).fields['respMsg']).toContain('[accNo] missed');
    expect(await codeOf(ask('mandate01'))).toBe('34');
    expect(site.agreement('mandate01')).toBeUndefined();
  });

  it('is told again for the same number, and by the query', async () => {
    await setUp('mandate01');
    expect(await codeOf(setUp('mandate01'))).toBe('00');
    // Quirk: letters are the same in capitals.
    const { fields } = await ask('MANDATE01');
    expect(fields).toMatchObject({ respCode: '00', txnType: '75', bindId: 'mandate01' });
    expect(reveal(fields['accNo'] ?? '', site.credentials)).toBe('0018');
    expect((await ask('mandate02')).fields['respMsg']).toBe('查无此交易[2600000]');
    expect(site.agreement('mandate01')).toMatchObject({ signed: 1 });
  });

  it('has a name given, where the merchant gives none, and one card under it', async () => {
    const { fields } = await setUp('mandate01', { ...about(ordinary), bindId: '' });
    expect(fields['respMsg']).toContain('[bindId]');
    const card = { ...about(ordinary) };
    const named = await call(site, 'back', {
      ...{ txnType: '72', txnSubType: '11', ...product, orderId: 'mandate02', ...card },
    });
    expect(named.fields['bindId']).toMatch(/^\d{20}$/);
    expect(await codeOf(ask(named.fields['bindId'] ?? ''))).toBe('00');
    await setUp('mandate03');
    const other = { ...about(cardAt('three-factors')), bindId: 'mandate03' };
    expect(await codeOf(setUp('mandate04', other))).toBe('40');
    const again = { ...about(ordinary), bindId: 'mandate03' };
    expect(await codeOf(setUp('mandate05', again))).toBe('00');
  });

  it('is ended by the merchant, by the payer, and by the payer on the page', async () => {
    for (const id of ['mandate01', 'mandate02', 'mandate03']) await setUp(id);
    expect((await end('mandate01')).fields).toMatchObject({ respCode: '00', txnType: '74' });
    await site.payer.decline('mandate02');
    const { agreements } = site.book() as { agreements: { merchantId: string; cashier: string }[] };
    const shown = agreements.find(({ merchantId }) => merchantId === 'mandate03')?.cashier ?? '';
    const { pathname, searchParams } = new URL(shown);
    const ticket = `ticket=${searchParams.get('ticket')}`;
    expect((await post(site, pathname, ticket)).text).toContain('解除 End');
    const decline = `${ticket}&decision=decline`;
    expect((await post(site, pathname, decline)).text).toContain('委托 ended');
    for (const id of ['mandate01', 'mandate02', 'mandate03']) {
      expect(site.agreement(id)).toMatchObject({ state: 'ENDED', active: false });
      expect((await ask(id)).fields['respMsg']).toMatch(/^绑定关系检查失败\[/);
      expect(await codeOf(end(id))).toBe('40');
      expect(await codeOf(collect('order0001', { bindId: id }))).toBe('40');
    }
    expect(site.book('order0001')).toBeUndefined();
    expect(await codeOf(setUp('mandate04', { ...about(ordinary), bindId: 'mandate01' }))).toBe(
      '00',
    );
  });
});

describe('the banks', () => {
  it('differ: one checks three factors, one binds once', async () => {
    const phone = about(cardAt('three-factors'), {}, { phoneNo: '13900000000' });
    expect(await codeOf(setUp('mandate01', phone))).toBe('00');
    const once = cardAt('no-rebinding');
    expect(await codeOf(setUp('mandate02', about(once)))).toBe('00');
    expect(await codeOf(setUp('mandate03', about(once)))).toBe('40');
    await end('mandate02');
    expect(await codeOf(setUp('mandate03', about(once)))).toBe('00');
    expect(await codeOf(setUp('mandate04', about(cardAt('no-sms'))))).toBe('00');
    expect(await codeOf(setUp('mandate05', about(cardAt('credit'))))).toBe('00');
  });

  it('differ: one times out, and binds later all the same', async () => {
    const slow = about(cardAt('times-out'));
    const late = await setUp('mandate01', slow);
    expect(late.fields['respMsg']).toMatch(/^交易通讯超时，请发起查询交易\[/);
    expect(await codeOf(ask('mandate01'))).toBe('05');
    expect(await codeOf(setUp('mandate01', slow))).toBe('03');
    expect(await codeOf(collect('order0001', { bindId: 'mandate01' }))).toBe('40');
    expect(site.agreement('mandate01')).toMatchObject({ state: 'OPENING', active: false });
    await site.clock.advance(31_000);
    expect(await codeOf(ask('mandate01'))).toBe('00');
    // It stands: nobody has to wait again.
    expect(await codeOf(setUp('mandate02', { ...slow, bindId: 'mandate01' }))).toBe('00');
  });
});

describe('collecting', () => {
  it('takes the name of a mandate for a card, and tells it', async () => {
    const told = listen(site);
    await setUp('mandate01');
    const { fields } = await collect('order0001', { bindId: 'mandate01' });
    expect(fields).toMatchObject({ respCode: '00', txnType: '11', txnAmt: '1000' });
    expect(await codeOf(collect('order0001', { bindId: 'mandate01' }))).toBe('12');
    await site.clock.advance(5_000);
    expect(site.book('order0001')).toMatchObject({ state: 'SUCCEEDED', debits: 1, paid: 1000 });
    expect(site.agreement('mandate01')).toMatchObject({ charges: 1 });
    expect((await query(site, 'order0001')).fields).toMatchObject({
      ...{ origRespCode: '00', txnType: '11', bindId: 'mandate01' },
    });
    expect(told[0]?.fields).toMatchObject({ txnType: '11', bindId: 'mandate01', respCode: '00' });
    const { queryId = '' } = fields;
    const back = { ...product, origQryId: queryId, txnAmt: '400', orderId: 'refund001' };
    expect(await codeOf(sequel(site, '04', back))).toBe('00');
  });

  it('refuses another card, another merchant, and neither card nor mandate', async () => {
    await setUp('mandate01');
    const both = { ...about(ordinary), bindId: 'mandate01' };
    expect(await codeOf(collect('order0001', both))).toBe('00');
    const other = { ...about(cardAt('three-factors')), bindId: 'mandate01' };
    expect(await codeOf(collect('order0002', other))).toBe('40');
    expect((await collect('order0003', {})).fields['respMsg']).toContain('[accNo] missed');
    const stranger = await site.enroll();
    const posed = { txnType: '11', txnSubType: '02', ...product, ...money };
    const named = { ...posed, orderId: 'order0004', bindId: 'mandate01' };
    expect((await call(site, 'back', named, stranger)).fields['respCode']).toBe('40');
    expect(site.agreement('mandate01')).toMatchObject({ charges: 0 });
  });
});

describe('faults', () => {
  it('reach every operation of mandates by its name', async () => {
    site.faults.arm({ fault: 'communication-timeout', operation: 'mandates.create', times: 1 });
    expect(await codeOf(setUp('mandate01'))).toBe('03');
    expect(site.agreement('mandate01')).toMatchObject({ active: true });
    site.faults.arm({ fault: 'query-lag', operation: 'mandates.query', times: 1 });
    expect(await codeOf(ask('mandate01'))).toBe('34');
    expect(await codeOf(ask('mandate01'))).toBe('00');
    site.faults.arm({ fault: 'state-unclear', operation: 'mandates.end', times: 1 });
    expect(await codeOf(end('mandate01'))).toBe('04');
    expect(site.agreement('mandate01')).toMatchObject({ active: false });
    site.faults.arm({ fault: 'business-error', operation: 'mandates.*', respCode: '40', times: 1 });
    expect(await codeOf(setUp('mandate02'))).toBe('40');
    expect(site.agreement('mandate02')).toBeUndefined();
  });
});
