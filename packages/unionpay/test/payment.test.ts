import { secret } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import {
  accepted,
  base,
  card,
  cardNumber,
  clockAt,
  cny,
  customerOf,
  found,
  gateway,
  hiddenFor,
  keys,
  now,
  order,
  payment,
  queryId,
  refusal,
  revealed,
  signatureOf,
  signedText,
  silence,
  thrown,
  token,
  txnTime,
} from './gateway.ts';

const agreement = {
  noun: 'agreement',
  merchantId: 'agree001',
  channelId: token,
  startedAt: now,
} as const;

describe('orders that the payer takes up', () => {
  it('hands a page over as a signed form, and sends nothing', async () => {
    const { channel, heard } = gateway(() => silence());
    const refs: unknown[] = [];
    const paid = await channel().pay(
      { scene: 'page', ...order, payer: { ip: '203.0.113.7' } },
      { onPrepared: async (ref) => void refs.push(ref) },
    );
    expect(heard).toEqual([]);
    expect(paid).toMatchObject({
      status: 'pending',
      waitingFor: 'payer',
      expiresAt: '2026-11-22T03:04:24.000Z',
      evidence: 'none',
    });
    expect(refs).toEqual([paid.ref]);
    if (paid.status !== 'pending' || paid.nextAction?.kind !== 'form') throw new Error('no form');
    const { url, fields, charset } = paid.nextAction;
    expect([url, charset]).toEqual([
      'https://gateway.example/gateway/api/frontTransReq.do',
      'utf-8',
    ]);
    const { signature, ...rest } = fields;
    expect(rest).toEqual({
      version: '5.1.0',
      encoding: 'UTF-8',
      signMethod: '01',
      certId: '69903319369',
      txnType: '01',
      txnSubType: '01',
      bizType: '000201',
      channelType: '07',
      accessType: '0',
      merId: base.merId,
      orderId: 'order001',
      txnTime,
      txnAmt: '900',
      currencyCode: '156',
      backUrl: 'https://shop.example/unionpay',
      frontUrl: 'https://shop.example/back',
      orderDesc: 'A cup of tea 茶',
      customerIp: '203.0.113.7',
      payTimeout: '20261122110424',
    });
    expect(signature).toBe(signatureOf(rest, keys.merchant.privateKey));
    expect(signedText(fields)).not.toContain('signature');
  });

  it('gives an app its tn and a screen its code', async () => {
    const app = gateway((heard) => accepted(heard, { tn: '201602141008032671528' }));
    await expect(app.channel().pay({ scene: 'app', ...order })).resolves.toMatchObject({
      status: 'pending',
      waitingFor: 'payer',
      nextAction: { kind: 'sdk', parameters: { tn: '201602141008032671528' } },
    });
    expect(app.heard[0]).toMatchObject({
      path: '/gateway/api/appTransReq.do',
      kind: '01/01/000201',
    });
    const qr = gateway((heard) => accepted(heard, { qrCode: 'https://qr.95516.com/00010000/1' }));
    await expect(qr.channel().pay({ scene: 'qr', ...order })).resolves.toMatchObject({
      status: 'pending',
      nextAction: { kind: 'qr', text: 'https://qr.95516.com/00010000/1' },
    });
    expect(qr.kinds()).toEqual(['01/07/000000']);
  });

  it('writes the same bytes twice', async () => {
    const bodies: unknown[] = [];
    const { channel } = gateway((heard) => {
      bodies.push(heard.request.body);
      return silence();
    });
    const client = channel();
    for (let time = 0; time < 2; time += 1) await client.pay({ scene: 'card', card, ...order });
    expect(bodies[0]).toBe(bodies[1]);
    expect(bodies).toHaveLength(2);
  });

  it('wants the members that a scene cannot do without, and no others', async () => {
    const { channel, heard } = gateway((one) => accepted(one));
    const pay = (request: object) => thrown(channel().pay({ ...order, ...request } as never));
    const barcode = { scene: 'barcode', authCode: '6220000000000000001' };
    await expect(pay(barcode)).resolves.toMatchObject({ field: 'extra.termId' });
    const cases = [
      [{ scene: 'page', extra: { termId: '12345678' } }, 'extra.termId'],
      [{ scene: 'card', card, extra: { pin: secret('123456') } }, 'extra.pin'],
      [{ scene: 'card', card: { number: card.number } }, 'card.phone'],
      [{ scene: 'card', card: { ...card, number: secret('6216261000000000019') } }, 'card.number'],
      [{ scene: 'card', card: { ...card, phone: secret('a=b') } }, 'card.phone'],
      [{ scene: 'barcode', authCode: 'abc', extra: { termId: '12345678' } }, 'authCode'],
      [{ scene: 'card', card, expiresAt: '2026-11-22T04:00:00.000Z' }, 'expiresAt'],
      [{ scene: 'page', merchantPaymentId: 'order-001' }, 'merchantPaymentId'],
      [{ scene: 'page', attachment: 'a=b' }, 'attachment'],
    ] as const;
    for (const [request, field] of cases) {
      await expect(pay(request)).resolves.toMatchObject({ code: 'REQUEST_INVALID', field });
    }
    expect(heard).toEqual([]);
  });
});

describe('orders that are made at once', () => {
  const barcode = {
    scene: 'barcode',
    ...order,
    authCode: '6220000000000000001',
    extra: { termId: '12345678' },
  } as const;

  it('takes accepted for pending, never for paid', async () => {
    const { channel, heard } = gateway((one) => accepted(one, { queryId }));
    const paid = await channel().pay(barcode);
    expect(paid).toMatchObject({
      status: 'pending',
      waitingFor: 'channel',
      evidence: 'signed',
      ref: { channelId: queryId },
    });
    expect(heard[0]?.fields).toMatchObject({ qrNo: '6220000000000000001', termId: '12345678' });
    expect(JSON.stringify(paid)).not.toContain('6220000000000000001');
  });

  it.each([
    ['05', { status: 'pending' }],
    ['03', { status: 'unknown', doubt: 'server-error' }],
    ['06', { status: 'unknown', doubt: 'server-error' }],
    ['12', { status: 'unknown', doubt: 'repeated-id' }],
    ['34', { status: 'unknown', doubt: 'not-found' }],
    ['85', { status: 'unknown', doubt: 'unreadable-reply' }],
    ['64', { status: 'failed', reason: 'insufficient-funds', retry: 'new-id' }],
    ['89', { status: 'failed', reason: 'agreement-inactive' }],
  ])('reads %s', async (code, expected) => {
    const { channel } = gateway((heard) => refusal(heard, code));
    await expect(channel().pay(barcode)).resolves.toMatchObject(expected);
  });

  it.each([
    ['11', '[9100004]Signature verification failed', 'credential-invalid'],
    ['10', '[9100003]Invalid field[accNo]', 'parameter-invalid'],
    ['32', '无此交易权限[6131010]', 'permission-denied'],
    ['37', '查询过于频繁', 'rate-limited'],
    ['71', '动态密码错误', 'payer-unverified'],
  ])('throws the refusal of a message: %s', async (code, words, reason) => {
    const { channel } = gateway((heard) => refusal(heard, code, words));
    await expect(thrown(channel().pay(barcode))).resolves.toMatchObject({
      code: 'REFUSED',
      reason,
      evidence: 'signed',
      channelCode: code,
    });
  });

  it('is in doubt about what is no answer', async () => {
    const doubts = async (answer: Parameters<typeof gateway>[0]) => {
      const paid = await gateway(answer).channel().pay(barcode);
      return paid.status === 'unknown' ? paid.doubt : paid.status;
    };
    await expect(doubts(() => ({ body: 'Invalid request.' }))).resolves.toBe('unreadable-reply');
    await expect(doubts(() => ({ status: 500, body: '' }))).resolves.toBe('server-error');
    await expect(doubts(() => silence())).resolves.toBe('no-reply');
    const foreign = { key: keys.stranger.privateKey };
    await expect(doubts((one) => ({ ...accepted(one), ...foreign }))).resolves.toBe(
      'unverified-reply',
    );
    await expect(doubts((one) => accepted(one, { orderId: 'order002' }))).resolves.toBe(
      'contradicts-request',
    );
    await expect(doubts((one) => accepted(one, { txnType: '04' }))).resolves.toBe(
      'contradicts-request',
    );
    await expect(doubts((one) => accepted(one, { txnAmt: '901' }))).resolves.toBe(
      'contradicts-request',
    );
    await expect(doubts((one) => found(one))).resolves.toBe('contradicts-request');
  });
});

describe('a card, and the code that confirms it', () => {
  it('asks for the code first, and hides the number', async () => {
    const { channel, heard } = gateway((one) => accepted(one));
    const asked = await channel().pay({ scene: 'card', ...order, card });
    expect(asked).toMatchObject({
      status: 'pending',
      waitingFor: 'payer',
      nextAction: { kind: 'otp', sentTo: '135****5506' },
    });
    const [{ fields, kind }] = heard as [(typeof heard)[0]];
    expect(kind).toBe('77/02/000301');
    expect(fields['encryptCertId']).toBe('68759622183');
    expect(revealed(fields['accNo'])).toBe(cardNumber);
    const customer = customerOf(fields);
    expect(Object.keys(customer)).toEqual(['encryptedInfo']);
    expect(revealed(customer['encryptedInfo'])).toBe('phoneNo=13552535506');
    const shown = JSON.stringify([asked, heard]);
    for (const one of [cardNumber, '13552535506', '248', '2912']) expect(shown).not.toContain(one);
  });

  it('passes the code on under the same number and time', async () => {
    const { channel, heard } = gateway((one) => accepted(one, { queryId }));
    const late = clockAt('2026-11-22T02:51:00.000Z');
    const request = { scene: 'card', ...order, attachment: 'table7', card } as const;
    const { ref } = await channel().pay(request);
    const confirmed = await channel(undefined, { clock: late }).confirmPay({
      payment: ref,
      otp: secret('111111'),
      card: { number: card.number },
    });
    expect(confirmed).toMatchObject({ status: 'pending', waitingFor: 'channel' });
    const [asked, made] = heard;
    expect(made?.kind).toBe('01/01/000301');
    expect(made?.fields).toMatchObject({
      orderId: asked?.fields['orderId'],
      txnTime: asked?.fields['txnTime'],
      txnAmt: '900',
      backUrl: 'https://shop.example/unionpay',
      orderDesc: 'A cup of tea 茶',
      reqReserved: 'table7',
    });
    expect(customerOf(made?.fields ?? {})).toEqual({ smsCode: '111111' });
    expect(revealed(made?.fields['accNo'])).toBe(cardNumber);
  });

  it('wants the card with the code, and a payment that waits for one', async () => {
    const { channel, heard } = gateway((one) => accepted(one));
    const { ref } = await channel().pay({ scene: 'card', ...order, card });
    const otp = secret('111111');
    await expect(thrown(channel().confirmPay({ payment: ref, otp }))).resolves.toMatchObject({
      code: 'REQUEST_INVALID',
      field: 'card',
    });
    await expect(thrown(channel().confirmPay({ payment, otp }))).resolves.toMatchObject({
      code: 'UNSUPPORTED',
    });
    expect(heard).toHaveLength(1);
  });

  it('takes a card without a code: with its factors, its PIN, or as a collection', async () => {
    const { channel, heard } = gateway((one) => accepted(one, { queryId }));
    const extra = { otp: false, pin: secret('123456') };
    await channel().pay({ scene: 'card', ...order, card, extra });
    const collected = { otp: false, product: 'collection' } as const;
    await channel().pay({ scene: 'card', ...order, card, extra: collected });
    expect(heard.map(({ kind }) => kind)).toEqual(['01/01/000301', '11/02/000501']);
    const customer = customerOf(heard[0]?.fields ?? {});
    expect(customer).toMatchObject({
      certifTp: '01',
      certifId: '341126197709218366',
      customerNm: '全渠道',
    });
    expect(revealed(customer['encryptedInfo'])).toBe('phoneNo=13552535506&cvn2=248&expired=2912');
    expect(customer['pin']).toBeDefined();
  });

  it('charges an agreement by its token, with a code where that is asked for', async () => {
    const { channel, heard } = gateway((one) => accepted(one, { queryId }));
    await channel().pay({ scene: 'agreement', ...order, agreement });
    const asked = await channel().pay({
      scene: 'agreement',
      ...order,
      agreement,
      extra: { otp: true },
    });
    await channel().confirmPay({ payment: asked.ref, otp: secret('111111') });
    expect(heard.map(({ kind }) => kind)).toEqual(['01/01/000902', '77/02/000902', '01/01/000902']);
    const data = `{token=${token}&trId=62000000001}`;
    expect(heard.map(({ fields }) => fields['tokenPayData'])).toEqual([data, data, data]);
    expect(heard.every(({ fields }) => fields['accNo'] === undefined)).toBe(true);
  });
});

describe('asking', () => {
  it('tells a payment with what UnionPay tells', async () => {
    const accNo = hiddenFor('6216***********0018');
    const { channel, heard } = gateway((one) => found(one, { accNo }));
    const paid = await channel().query(payment);
    expect(heard[0]).toMatchObject({ path: '/gateway/api/queryTrans.do', kind: '00/00/000000' });
    expect(paid).toMatchObject({
      status: 'succeeded',
      amount: cny(900),
      receivedAmount: cny(900),
      settledOn: '2026-11-22',
      payer: { account: '6216***********0018' },
      ref: { channelId: queryId },
    });
  });

  it('does not believe what is about something else, or says nothing about the order', async () => {
    const query = (fields: Record<string, string>) =>
      thrown(
        gateway((one) => found(one, fields))
          .channel()
          .query(payment),
      );
    await expect(query({ txnType: '04' })).resolves.toMatchObject({ code: 'REPLY_UNVERIFIED' });
    await expect(query({ orderId: 'order002' })).resolves.toMatchObject({
      code: 'REPLY_UNVERIFIED',
    });
    await expect(query({ currencyCode: '840' })).resolves.toMatchObject({
      code: 'REPLY_UNVERIFIED',
    });
    await expect(query({ origRespCode: '' })).resolves.toMatchObject({ code: 'REPLY_UNREADABLE' });
    await expect(query({ origRespCode: '97' })).resolves.toMatchObject({
      code: 'REPLY_UNREADABLE',
    });
  });

  it('knows not found from refused and from busy', async () => {
    const query = (code: string) =>
      gateway((one) => refusal(one, code))
        .channel()
        .query(payment);
    await expect(query('34')).resolves.toMatchObject({ status: 'unknown', doubt: 'not-found' });
    await expect(thrown(query('37'))).resolves.toMatchObject({ code: 'REFUSED' });
    await expect(thrown(query('06'))).resolves.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('takes a failure for an end only when the payer cannot try again', async () => {
    const { channel } = gateway((one) =>
      found(one, { origRespCode: '64', origRespMsg: '余额不足', settleAmt: '0' }),
    );
    const { ref } = await channel().pay({ scene: 'page', ...order });
    await expect(channel().query(ref)).resolves.toMatchObject({
      status: 'pending',
      waitingFor: 'payer',
      expiresAt: '2026-11-22T03:04:24.000Z',
    });
    const late = clockAt('2026-11-22T03:04:25.000Z');
    await expect(channel(undefined, { clock: late }).query(ref)).resolves.toMatchObject({
      status: 'failed',
      reason: 'insufficient-funds',
    });
  });
});
