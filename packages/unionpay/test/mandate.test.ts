/** Mandates: set up by a card, asked about, removed, and charged (代收). */
import { type Ref, secret } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import { createUnionPay } from '../src/index.ts';
import {
  accepted,
  base,
  card,
  cardNumber,
  clockAt,
  customerOf,
  found,
  gateway,
  type Heard,
  hiddenFor,
  now,
  order,
  queryId,
  refusal,
  revealed,
  silence,
  thrown,
  txnTime,
} from './gateway.ts';

const collecting = { ...base, agreements: 'collection' } as const;
const bindId = 'agree001';
const request = { scene: 'card', merchantAgreementId: bindId, card } as const;
const ref: Ref<'agreement'> = { noun: 'agreement', merchantId: bindId, startedAt: now };
const stood: Ref<'agreement'> = { ...ref, channelId: bindId };

type Answer = Parameters<typeof gateway>[0];
/** A later moment than the agreement began: its own number is good for a new second only. */
const later = '2026-11-22T03:00:00.000Z';
const laterTime = '20261122110000';

function mandates(answer: Answer, at = now, config: object = {}) {
  const { transport, heard, kinds } = gateway(answer);
  const context = {
    transport,
    clock: clockAt(at),
    random: { bytes: (length: number) => new Uint8Array(length).fill(7) },
  };
  return { channel: createUnionPay({ ...collecting, ...config }, context), heard, kinds };
}

describe('setting a mandate up', () => {
  it('stands at once, under the name the merchant gave it', async () => {
    const { channel, heard, kinds } = mandates((one) => accepted(one));
    const signed = await channel.signUp(request);
    expect(signed).toMatchObject({
      status: 'succeeded',
      standing: 'active',
      instrument: '621626******0018',
      evidence: 'signed',
      ref: { merchantId: bindId, channelId: bindId, startedAt: now },
    });
    expect(kinds()).toEqual(['72/11/000501']);
    const { fields, path } = heard[0] as (typeof heard)[0];
    expect(path).toBe('/gateway/api/backTransReq.do');
    expect(Object.keys(fields).sort()).toEqual([
      ...['accNo', 'accessType', 'bindId', 'bizType', 'certId', 'channelType', 'customerInfo'],
      ...['encoding', 'encryptCertId', 'merId', 'orderId', 'signMethod', 'signature', 'txnSubType'],
      ...['txnTime', 'txnType', 'version'],
    ]);
    expect(fields).toMatchObject({ orderId: bindId, bindId, txnTime, channelType: '07' });
    expect(revealed(fields['accNo'])).toBe(cardNumber);
    const customer = customerOf(fields);
    expect(customer).toMatchObject({ customerNm: '全渠道', certifId: '341126197709218366' });
    expect(revealed(customer['encryptedInfo'])).toBe('phoneNo=13552535506&cvn2=248&expired=2912');
    const shown = JSON.stringify(signed);
    for (const one of [cardNumber, '13552535506', '341126197709218366', '全渠道']) {
      expect(shown).not.toContain(one);
    }
  });

  it('goes by another name where UnionPay gives one', async () => {
    const { channel } = mandates((one) => accepted(one, { bindId: 'UP-4711' }));
    await expect(channel.signUp(request)).resolves.toMatchObject({ ref: { channelId: 'UP-4711' } });
  });

  it('is never assumed: what nobody heard of is asked about', async () => {
    const { channel, kinds } = mandates((one) =>
      one.kind === '72/11/000501' ? silence() : accepted(one, { bindId }),
    );
    const signed = await channel.signUp(request);
    expect(signed).toMatchObject({ status: 'unknown', doubt: 'no-reply' });
    expect(signed.ref.channelId).toBeUndefined();
    await expect(channel.querySignUp(signed.ref)).resolves.toMatchObject({ standing: 'active' });
    expect(kinds()).toEqual(['72/11/000501', '75/00/000501']);
    for (const code of ['03', '04', '06', '12', '34', '42', '83']) {
      const { channel: doubting } = mandates((one) => refusal(one, code));
      await expect(doubting.signUp(request), code).resolves.toMatchObject({ status: 'unknown' });
    }
    const { channel: waiting } = mandates((one) => refusal(one, '05'));
    await expect(waiting.signUp(request)).resolves.toMatchObject({
      ...{ status: 'pending', waitingFor: 'channel' },
    });
  });

  it('tells what the issuer says to it', async () => {
    const { channel } = mandates((one) => refusal(one, '66'));
    await expect(channel.signUp(request)).resolves.toMatchObject({
      ...{ status: 'failed', reason: 'payer-unverified', retry: 'new-id', channelCode: '66' },
    });
    const { channel: barred } = mandates((one) => refusal(one, '43'));
    await expect(thrown(barred.signUp(request))).resolves.toMatchObject({
      ...{ code: 'REFUSED', reason: 'permission-denied' },
    });
  });

  it('has failed by 40 only where nothing stands under its name', async () => {
    const after = (answer: Answer) =>
      mandates((one, count) => (count === 1 ? refusal(one, '40') : answer(one, count)));
    for (const code of ['34', '40']) {
      const { channel, kinds } = after((one) => refusal(one, code));
      await expect(channel.signUp(request), code).resolves.toMatchObject({
        ...{ status: 'failed', reason: 'payer-unverified', retry: 'new-id', channelCode: '40' },
      });
      expect(kinds()).toEqual(['72/11/000501', '75/00/000501']);
    }
    for (const answer of [
      (one: never) => accepted(one, { bindId }),
      (one: never) => refusal(one, '05'),
      () => silence(),
      (one: never) => refusal(one, '37'),
    ]) {
      const { channel } = after(answer as Answer);
      await expect(channel.signUp(request)).resolves.toMatchObject({ status: 'unknown' });
    }
  });

  it('wants factors, and sends nothing without', async () => {
    const { channel, heard } = mandates((one) => accepted(one));
    const bare = { ...request, card: { number: card.number } };
    await expect(thrown(channel.signUp(bare))).resolves.toMatchObject({
      ...{ code: 'REQUEST_INVALID', field: 'card' },
    });
    const odd = { ...request, card: { ...card, number: secret('6216261000000000019') } };
    await expect(thrown(channel.signUp(odd))).resolves.toMatchObject({ field: 'card.number' });
    expect(heard).toEqual([]);
  });
});

describe('asking about a mandate', () => {
  it('names it, under a time of the question’s own', async () => {
    const accNo = hiddenFor('0018');
    const { channel, heard } = mandates((one) => accepted(one, { bindId, accNo }), later);
    await expect(channel.querySignUp(ref)).resolves.toMatchObject({
      ...{ status: 'succeeded', standing: 'active', instrument: '**** 0018' },
      ref: { channelId: bindId },
    });
    expect(heard[0]?.kind).toBe('75/00/000501');
    expect(heard[0]?.fields).toMatchObject({ orderId: bindId, bindId, txnTime: laterTime });
    expect(heard[0]?.fields).not.toHaveProperty('accNo');
  });

  it('goes by the name that UnionPay gave', async () => {
    const { channel, heard } = mandates((one) => accepted(one, { bindId: 'up-4711' }));
    const told = await channel.querySignUp({ ...ref, channelId: 'UP-4711' });
    expect(told).toMatchObject({ standing: 'active' });
    expect(heard[0]?.fields['bindId']).toBe('UP-4711');
  });

  it('takes no yes for one that names none, or another', async () => {
    const query = (answer: Answer) => mandates(answer).channel.querySignUp(ref);
    await expect(query((one) => accepted(one))).resolves.toMatchObject({ status: 'pending' });
    const other = query((one) => accepted(one, { bindId: 'agree002' }));
    await expect(thrown(other)).resolves.toMatchObject({ code: 'REPLY_UNVERIFIED' });
  });

  it('knows that it ended only of what is known to have stood', async () => {
    const query = (code: string, agreement: Ref<'agreement'>) =>
      mandates((one) => refusal(one, code)).channel.querySignUp(agreement);
    await expect(query('40', stood)).resolves.toMatchObject({ standing: 'ended' });
    await expect(query('40', ref)).resolves.toMatchObject({ doubt: 'not-found' });
    await expect(query('34', stood)).resolves.toMatchObject({ doubt: 'not-found' });
    await expect(query('05', ref)).resolves.toMatchObject({ status: 'pending' });
  });
});

describe('removing a mandate', () => {
  it('names it, and takes what is gone for ended', async () => {
    const { channel, heard, kinds } = mandates((one) => accepted(one), later);
    await expect(channel.signOff(stood)).resolves.toMatchObject({
      ...{ status: 'succeeded', standing: 'ended' },
    });
    expect(kinds()).toEqual(['74/04/000501']);
    expect(heard[0]?.fields).toMatchObject({ orderId: bindId, bindId, txnTime: laterTime });
    const { channel: gone } = mandates((one) => refusal(one, '40'));
    await expect(gone.signOff(stood)).resolves.toMatchObject({ standing: 'ended' });
    const { channel: lost } = mandates(() => silence());
    await expect(lost.signOff(stood)).resolves.toMatchObject({ status: 'unknown' });
  });

  it('asks first where it is not known that it stood', async () => {
    const { channel, kinds } = mandates((one) => accepted(one, { bindId }));
    await expect(channel.signOff(ref)).resolves.toMatchObject({ standing: 'ended' });
    expect(kinds()).toEqual(['75/00/000501', '74/04/000501']);
    const { channel: none, kinds: asked } = mandates((one) => refusal(one, '34'));
    await expect(thrown(none.signOff(ref))).resolves.toMatchObject({
      ...{ code: 'REFUSED', reason: 'agreement-inactive' },
    });
    expect(asked()).toEqual(['75/00/000501']);
  });
});

describe('collecting by a mandate', () => {
  const charge = (agreement: Ref<'agreement'>) =>
    ({ scene: 'agreement', ...order, agreement }) as const;

  /** The order itself is not known. */
  const unlessAsked = ({ kind }: Heard, code: string) => (kind.startsWith('00/') ? '34' : code);

  it('names the mandate and no card, and has only been accepted', async () => {
    const { channel, heard } = mandates((one) => accepted(one, { queryId }));
    const paid = await channel.pay(charge(stood));
    expect(paid).toMatchObject({
      ...{ status: 'pending', waitingFor: 'channel' },
      ref: { channelId: queryId, handle: 'u1|p=collection' },
    });
    expect(heard.map(({ kind }) => kind)).toEqual(['11/02/000501']);
    expect(heard[0]?.fields).toMatchObject({
      ...{ bindId, txnAmt: '900', currencyCode: '156', channelType: '07', txnTime },
      backUrl: 'https://shop.example/unionpay',
    });
    for (const name of ['accNo', 'customerInfo', 'encryptCertId', 'tokenPayData']) {
      expect(heard[0]?.fields).not.toHaveProperty(name);
    }
  });

  it('asks first about what is not known to stand, and sends nothing where nothing does', async () => {
    const { channel, kinds } = mandates((one) => accepted(one, { bindId, queryId }));
    await expect(channel.pay(charge(ref))).resolves.toMatchObject({ status: 'pending' });
    expect(kinds()).toEqual(['75/00/000501', '11/02/000501']);
    for (const code of ['34', '40', '05']) {
      const { channel: none, kinds: asked } = mandates((one) =>
        refusal(one, unlessAsked(one, code)),
      );
      await expect(none.pay(charge(ref)), code).resolves.toMatchObject({
        ...{ status: 'failed', reason: 'agreement-inactive' },
      });
      expect(asked()).toEqual(['75/00/000501', '00/00/000000']);
    }
    const { channel: deaf } = mandates(() => silence());
    await expect(thrown(deaf.pay(charge(ref)))).resolves.toMatchObject({ code: 'NOT_SENT' });
  });

  it('fails where the mandate has ended', async () => {
    const { channel } = mandates((one) => refusal(one, unlessAsked(one, '40')));
    await expect(channel.pay(charge(stood))).resolves.toMatchObject({
      ...{ status: 'failed', reason: 'agreement-inactive', retry: 'new-id', channelCode: '40' },
    });
  });

  it('asks for no code, and refuses to', async () => {
    const { channel, heard } = mandates((one) => accepted(one));
    const asking = { ...charge(stood), extra: { otp: true } };
    await expect(thrown(channel.pay(asking))).resolves.toMatchObject({ field: 'extra.otp' });
    const foreign = { ...stood, channelId: 'a name' };
    await expect(thrown(channel.pay(charge(foreign)))).resolves.toMatchObject({
      field: 'agreement.channelId',
    });
    expect(heard).toEqual([]);
  });

  it('is asked about, undone and given back as collections are', async () => {
    const { channel, heard, kinds } = mandates((one) =>
      one.fields['txnType'] === '00'
        ? found(one, { txnType: '11', txnSubType: '02', bindId })
        : accepted(one, { queryId }),
    );
    const { ref: payment } = await channel.pay(charge(stood));
    await expect(channel.query(payment)).resolves.toMatchObject({ status: 'succeeded' });
    const amount = { amount: 400, currency: 'CNY' };
    await channel.refund({ payment, merchantRefundId: 'refund01', amount });
    await channel.cancel({ payment, merchantCancelId: 'cancel01' });
    await channel.reverse(payment);
    expect(kinds()).toEqual([
      ...['11/02/000501', '00/00/000501', '04/00/000501', '31/00/000501'],
      ...['00/00/000501', '99/01/000000'],
    ]);
    expect(heard[2]?.fields).toMatchObject({ origQryId: queryId, txnAmt: '400' });
  });
});

it('speaks the sub-types that UnionPay’s documents for the merchant say', async () => {
  const collectionSubTypes = { setUp: '01', query: '02', remove: '00', collect: '00' };
  const { channel, kinds } = mandates((one) => accepted(one, { bindId }), now, {
    collectionSubTypes,
  });
  await channel.signUp(request);
  await channel.querySignUp(ref);
  await channel.pay({ scene: 'agreement', ...order, agreement: stood });
  const extra = { otp: false, product: 'collection' } as const;
  await channel.pay({ scene: 'card', ...order, merchantPaymentId: 'order002', card, extra });
  await channel.signOff(stood);
  expect(kinds()).toEqual([
    ...['72/01/000501', '75/02/000501', '11/00/000501', '11/00/000501', '74/00/000501'],
  ]);
});
