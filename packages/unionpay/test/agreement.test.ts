import { secret } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import {
  accepted,
  card,
  cardNumber,
  clockAt,
  customerOf,
  full,
  gateway,
  hiddenFor,
  now,
  order,
  refusal,
  revealed,
  thrown,
  token,
  txnTime,
} from './gateway.ts';

const otp = secret('111111');
const data =
  `{token=${token}&trId=62000000001&tokenType=01&tokenBegin=20261122104930` +
  '&tokenEnd=20311122104930&tokenLevel=10}';
const ref = { noun: 'agreement', merchantId: 'agree001', startedAt: now } as const;
const opened = { activateStatus: '1', tokenPayData: data } as const;

describe('signing up with a code', () => {
  it('is pending until the opening itself succeeded', async () => {
    const { channel, heard } = gateway((one) =>
      one.kind === '79/00/000902' ? accepted(one, opened) : accepted(one),
    );
    const asked = await channel().signUp({ scene: 'otp', merchantAgreementId: 'agree001', card });
    expect(asked).toMatchObject({
      status: 'pending',
      waitingFor: 'payer',
      nextAction: { kind: 'otp', sentTo: '135****5506' },
    });
    const signed = await channel().confirmSignUp({ agreement: asked.ref, otp, card });
    expect(signed).toMatchObject({
      status: 'succeeded',
      standing: 'active',
      validUntil: '2031-11-22T02:49:30.000Z',
      instrument: '621626******0018',
      ref: { channelId: token },
    });
    const [sms, open] = heard as [(typeof heard)[0], (typeof heard)[0]];
    expect(sms.kind).toBe('77/00/000902');
    expect(customerOf(sms.fields)).toEqual({ encryptedInfo: expect.any(String) });
    expect(open.fields).toMatchObject({
      orderId: 'agree001',
      txnTime,
      tokenPayData: '{trId=62000000001&tokenType=01}',
    });
    expect(revealed(open.fields['accNo'])).toBe(cardNumber);
    const customer = customerOf(open.fields);
    expect(customer).toMatchObject({ smsCode: '111111', customerNm: '全渠道', certifTp: '01' });
    expect(revealed(customer['encryptedInfo'])).toBe('phoneNo=13552535506&cvn2=248&expired=2912');
    const shown = JSON.stringify([asked, signed]);
    for (const one of [cardNumber, '13552535506', '341126197709218366', '2912', '全渠道']) {
      expect(shown).not.toContain(one);
    }
  });

  it('is not active by a yes without a token, nor by a token that is not open', async () => {
    const confirm = async (fields: Record<string, string>) => {
      const { channel } = gateway((one) => accepted(one, fields));
      return channel().confirmSignUp({ agreement: ref, otp, card });
    };
    await expect(confirm({})).resolves.toMatchObject({ status: 'pending' });
    await expect(confirm({ activateStatus: '1' })).resolves.toMatchObject({ status: 'pending' });
    await expect(confirm({ ...opened, activateStatus: '0' })).resolves.toMatchObject({
      status: 'pending',
      waitingFor: 'payer',
    });
  });

  it('tells what the issuer says to it', async () => {
    const confirm = (code: string) => {
      const { channel } = gateway((one) => refusal(one, code));
      return channel().confirmSignUp({ agreement: ref, otp, card });
    };
    await expect(confirm('66')).resolves.toMatchObject({
      status: 'failed',
      reason: 'payer-unverified',
    });
    await expect(confirm('79')).resolves.toMatchObject({ reason: 'payer-unverified' });
    await expect(thrown(confirm('71'))).resolves.toMatchObject({
      code: 'REFUSED',
      reason: 'payer-unverified',
    });
    await expect(thrown(confirm('32'))).resolves.toMatchObject({ reason: 'permission-denied' });
  });

  it('wants the card again, and the phone at first', async () => {
    const { channel, heard } = gateway((one) => accepted(one));
    const bare = { scene: 'otp', merchantAgreementId: 'agree001', card: { number: card.number } };
    await expect(thrown(channel().signUp(bare as never))).resolves.toMatchObject({
      field: 'card.phone',
    });
    await expect(thrown(channel().confirmSignUp({ agreement: ref, otp }))).resolves.toMatchObject({
      field: 'card',
    });
    expect(heard).toEqual([]);
  });
});

describe('signing up on a page', () => {
  it('hands over a signed form', async () => {
    const { channel, heard } = gateway(() => new Error('nothing is sent'));
    const extra = { cardNumber: card.number };
    const asked = await channel().signUp({
      scene: 'page',
      merchantAgreementId: 'agree001',
      extra,
    });
    expect(heard).toEqual([]);
    if (asked.status !== 'pending' || asked.nextAction?.kind !== 'form') throw new Error('no form');
    const { fields, url } = asked.nextAction;
    expect(url).toMatch(/\/frontTransReq\.do$/);
    expect(fields).toMatchObject({
      txnType: '79',
      frontUrl: 'https://shop.example/back',
      payTimeout: '20261122110424',
      tokenPayData: '{trId=62000000001&tokenType=01}',
    });
    expect(revealed(fields['accNo'])).toBe(cardNumber);
  });
});

describe('asking, and ending', () => {
  const query = (answer: Parameters<typeof gateway>[0]) =>
    gateway(answer).channel().querySignUp(ref);

  it('tells how an agreement stands', async () => {
    const accNo = hiddenFor('0018');
    await expect(query((one) => accepted(one, { ...opened, accNo }))).resolves.toMatchObject({
      standing: 'active',
      instrument: '**** 0018',
    });
    await expect(query((one) => accepted(one, { activateStatus: '0' }))).resolves.toMatchObject({
      status: 'pending',
    });
    await expect(query((one) => refusal(one, '77'))).resolves.toMatchObject({ status: 'pending' });
    await expect(query((one) => refusal(one, '89'))).resolves.toMatchObject({ standing: 'ended' });
    await expect(query((one) => refusal(one, '34'))).resolves.toMatchObject({ doubt: 'not-found' });
  });

  it('ends one by its token, under a time of its own', async () => {
    const { channel, heard } = gateway((one) => accepted(one));
    const late = clockAt('2026-12-22T02:49:24.000Z');
    const client = channel({ ...full, certificates: full.certificates }, { clock: clockAt(now) });
    const ended = await client.signOff({ ...ref, channelId: token });
    expect(ended).toMatchObject({ status: 'succeeded', standing: 'ended' });
    expect(heard[0]?.fields).toMatchObject({
      txnType: '74',
      txnSubType: '01',
      tokenPayData: `{token=${token}&trId=62000000001}`,
    });
    expect(late.now()).toBeGreaterThan(0);
  });

  it('asks for a token it was not given, and takes what is gone for ended', async () => {
    const { channel, kinds } = gateway((one) =>
      one.fields['txnType'] === '78' ? accepted(one, opened) : refusal(one, '89'),
    );
    await expect(channel().signOff(ref)).resolves.toMatchObject({ standing: 'ended' });
    expect(kinds()).toEqual(['78/02/000902', '74/01/000902']);
  });

  it('refuses to end what nobody signed', async () => {
    const { channel, kinds } = gateway((one) => accepted(one, { activateStatus: '0' }));
    await expect(thrown(channel().signOff(ref))).resolves.toMatchObject({
      code: 'REFUSED',
      reason: 'agreement-inactive',
    });
    expect(kinds()).not.toContain('74/01/000902');
  });

  it('does not charge what is not open', async () => {
    const { channel, kinds } = gateway((one) =>
      one.kind.startsWith('00/') ? refusal(one, '34') : accepted(one, { activateStatus: '0' }),
    );
    const paid = await channel().pay({ scene: 'agreement', ...order, agreement: ref });
    expect(paid).toMatchObject({ status: 'failed', reason: 'agreement-inactive' });
    // Whether the order was paid while the agreement still stood is asked as well.
    expect(kinds()).toEqual(['78/02/000902', '00/00/000000']);
  });
});
