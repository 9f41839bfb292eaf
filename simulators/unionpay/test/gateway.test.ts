/** The envelope: what is read, what is refused and in which words, how answers are sealed. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UnionPaySite } from '../src/index.ts';
import {
  call,
  type Fields,
  formBody,
  head,
  isGenuine,
  listen,
  now,
  paid,
  post,
  query,
  signed,
  start,
} from './client.ts';

let site: UnionPaySite;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

const back = '/gateway/api/backTransReq.do';
const asked = (more: Fields = {}): Fields => ({
  ...head,
  ...{ txnType: '00', txnSubType: '00', bizType: '000000', orderId: 'order0001', txnTime: now },
  merId: site.credentials.merId,
  ...more,
});
const send = (fields: Fields) => post(site, back, formBody(fields, fields['encoding']));

describe('an answer', () => {
  it('is raw, sorted, with the certificate and the signature last', async () => {
    const { status, headers, text, fields } = await query(site, 'order0001');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html;charset=UTF-8');
    expect(headers['content-length']).toBe(String(Buffer.byteLength(text)));
    expect(text).toContain('respMsg=查无此交易[2600000]&signMethod=01');
    expect(text).toMatch(/signPubKeyCert=-----BEGIN CERTIFICATE-----\r\n[^&]+-----END CERT/);
    const names = Object.keys(fields);
    expect(names.slice(-2)).toEqual(['signPubKeyCert', 'signature']);
    expect(names.slice(0, -2)).toEqual([...names.slice(0, -2)].sort());
    expect(isGenuine(fields, site.credentials)).toBe(true);
    for (const line of fields['signPubKeyCert']?.split('\r\n').slice(1, -2) ?? []) {
      expect(line).toHaveLength(64);
    }
  });

  it('repeats what was asked, but neither channel nor addresses', async () => {
    const { fields } = await send(
      signed(asked({ reqReserved: 'a-b', backUrl: 'http://m.invalid/' }), site.credentials),
    );
    expect(fields).toMatchObject({
      reqReserved: 'a-b',
      encoding: 'UTF-8',
      merId: site.credentials.merId,
    });
    for (const name of ['channelType', 'certId', 'backUrl']) expect(fields[name]).toBeUndefined();
  });

  it('speaks GBK to those who do', async () => {
    const named = asked({ encoding: 'GBK', reqReserved: '茶叶' });
    const { headers, fields } = await send(signed(named, site.credentials));
    expect(headers['content-type']).toBe('text/html;charset=GBK');
    expect(fields).toMatchObject({
      respMsg: '查无此交易[2600000]',
      reqReserved: '茶叶',
      encoding: 'GBK',
    });
  });

  it.each(['11', '12'])('is sealed with the shared key for sign method %s', async (signMethod) => {
    const { fields } = await send(signed(asked({ signMethod }), site.credentials));
    expect(fields['respCode']).toBe('34');
    expect(fields['signPubKeyCert']).toBeUndefined();
    expect(fields['signature']).toMatch(/^[0-9a-f]{64}$/);
    expect(isGenuine(fields, site.credentials)).toBe(true);
    const told = listen(site);
    await paid(site, 'order0001', { signMethod });
    await site.clock.advance(0);
    expect(told[0]?.fields).toMatchObject({ signMethod, accNo: '6216***********0018' });
    expect(isGenuine(told[0]!.fields, site.credentials)).toBe(true);
  });

  it('speaks 5.0.0 to those who do: SHA-1, and a certificate by number', async () => {
    const { fields } = await send(signed(asked({ version: '5.0.0' }), site.credentials));
    expect(fields).toMatchObject({ version: '5.0.0', respCode: '34' });
    expect(fields['signPubKeyCert']).toBeUndefined();
    expect(isGenuine(fields, site.credentials)).toBe(true);
  });
});

describe('a request', () => {
  it('may have empty fields, signed or left out of the text', async () => {
    const withEmpty = asked({ reserved: '' });
    expect((await send(signed(withEmpty, site.credentials))).fields['respCode']).toBe('34');
    const { reserved: _reserved, ...rest } = withEmpty;
    const { signature = '' } = signed(rest, site.credentials);
    const { certId } = site.credentials;
    expect((await send({ ...withEmpty, certId, signature })).fields['respCode']).toBe('34');
  });

  it('that names nobody is answered by bare words', async () => {
    for (const name of ['merId', 'orderId', 'txnTime']) {
      const { status, text } = await send(signed(asked({ [name]: '' }), site.credentials));
      expect([status, text]).toEqual([200, 'Invalid request.']);
    }
    expect((await post(site, back, '')).text).toBe('Invalid request.');
  });

  it('with a field missed or malformed is told which, with everything it sent', async () => {
    const opening = asked({
      ...{ txnType: '77', txnSubType: '00', bizType: '000301', accNo: '', encryptCertId: '' },
      customerInfo: 'e2VuY3J5cHRlZEluZm89fQ==',
    });
    const { text, fields } = await send(signed(opening, site.credentials));
    expect(fields).toMatchObject({
      ...{ respCode: '10', respMsg: '[9100003]Invalid field[accNo]', certId: '10500020' },
      ...{ accNo: '', encryptCertId: '', channelType: '07' },
      customerInfo: 'e2VuY3J5cHRlZEluZm89fQ==',
    });
    expect(isGenuine(fields, site.credentials)).toBe(true);
    expect(Object.keys(fields)).toEqual([
      ...['txnType', 'respCode', 'channelType', 'merId', 'txnSubType', 'customerInfo', 'version'],
      ...['signPubKeyCert', 'signMethod', 'accNo', 'certId', 'encoding', 'respMsg', 'bizType'],
      ...['encryptCertId', 'signature', 'orderId', 'txnTime', 'accessType'],
    ]);
    expect(text.startsWith('txnType=77&respCode=10&')).toBe(true);
    const card = asked({ txnType: '78', txnSubType: '00', bizType: '000301', accNo: '' });
    const missed = await send(signed(card, site.credentials));
    expect(missed.fields['respMsg']).toBe('[9100003]Mandatory field[accNo] missed');
    const dashed = await send(signed(asked({ orderId: 'order-0001' }), site.credentials));
    expect(dashed.fields['respMsg']).toBe('[9100003]Invalid field[orderId]');
  });

  it('that nobody signed is not believed, and its doctor is the journal', async () => {
    const good = signed(asked(), site.credentials);
    const { fields } = await send({ ...good, orderId: 'order0002' });
    expect(fields).toMatchObject({
      respCode: '11',
      respMsg: '[9100004]Signature verification failed',
    });
    const stranger = await send({ ...good, certId: '12345' });
    expect(stranger.fields['respCode']).toBe('11');
    const other = await site.enroll();
    const posed = await send(signed(asked(), other));
    expect(posed.fields['respMsg']).toBe('报文格式错误[6100030]');
  });

  it('of a kind the gateway does not do, or with a name twice', async () => {
    const strange = await send(signed(asked({ txnType: '88' }), site.credentials));
    expect(strange.fields['respMsg']).toBe('[9100003]Invalid field[txnType]');
    const body = formBody(signed(asked(), site.credentials));
    expect((await post(site, back, `${body}&orderId=order0002`)).status).toBe(400);
  });
});

describe('faults', () => {
  const answer = async (fault: string, more: object = {}) => {
    await paid(site, 'order0001');
    site.faults.arm({ fault, operation: 'transactions.query', ...more });
    const { fields } = await query(site, 'order0001');
    return { ...fields, good: isGenuine(fields, site.credentials) };
  };
  it.each([
    ['rate-limit', '37'],
    ['maintenance', '02'],
    ['system-busy', '06'],
    ['communication-timeout', '03'],
    ['state-unclear', '04'],
    ['query-lag', '34'],
  ])('%s is answered with %s', async (fault, respCode) => {
    expect(await answer(fault)).toMatchObject({ respCode, good: true });
  });

  it.each([
    'bad-signature',
    'foreign-signature',
    'stale-timestamp',
    'wrong-name',
    'unsigned-reply',
  ])('%s is an answer nobody believes', async (fault) => {
    const told = await answer(fault).catch(() => ({ good: false }));
    expect(told.good).toBe(false);
  });

  it('wrong-amount, wrong-order and business-error are signed', async () => {
    expect(await answer('wrong-amount')).toMatchObject({ good: true, txnAmt: '1001' });
    await site.reset();
    expect(await answer('wrong-order')).toMatchObject({ good: true, orderId: 'order0001x2' });
    await site.reset();
    const refused = await answer('business-error', { respCode: '38', subCode: '1234567' });
    expect(refused).toMatchObject({ respMsg: '银联风险受限[1234567]' });
  });

  it('key-rotation: another certificate signs from now on, of the same chain', async () => {
    const before = site.credentials;
    const told = await answer('key-rotation');
    expect(told.good).toBe(true);
    expect(site.credentials.platformCert).not.toBe(before.platformCert);
    expect(site.credentials.encryptCert).not.toBe(before.encryptCert);
  });

  it('blacklist: bare words', async () => {
    site.faults.arm({ fault: 'blacklist' });
    const { status, text } = await call(site, 'query', asked());
    expect([status, text.slice(0, 40)]).toEqual([200, 'You have been added to the blacklist. Pl']);
  });
});
