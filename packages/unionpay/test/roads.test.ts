/** Cards and the codes that confirm them, from end to end: this adapter on its simulator. */
import { createPrivateKey } from 'node:crypto';
import { instantOf, type Ref, revealText, secret } from '@polyrail/core';
import { startUnionPay, type UnionPaySite } from '@polyrail/unionpay-simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createUnionPay } from '../src/index.ts';
import { cny, type Fields, order, raw, signatureOf, thrown } from './gateway.ts';
import { collectingConfigOf, configOf, type Mode } from './subject.ts';

const own = {
  number: secret('6216261000000000018'),
  holder: secret('全渠道'),
  identity: secret('341126197709218366'),
  phone: secret('13552535506'),
} as const;
const silent = { ...own, number: secret('6217990000000002200') } as const;
const txnTime = '20261124151509';
/** As long as UnionPay works on what it accepted. */
const arrivalMs = 4_000;

let site: UnionPaySite;
beforeEach(async () => {
  const startAt = Date.parse('2026-11-24T07:15:09.000Z');
  site = await startUnionPay({
    mount: 'in-process',
    shareKeys: true,
    seed: 7,
    frozen: true,
    testCodes: false,
    arrivalMs,
    startAt,
  });
});
afterEach(() => site.stop());

const channelOf = (mode: Mode = 'rsa') =>
  createUnionPay(configOf(site.credentials, site.url, mode), {
    transport: site.transport,
    clock: site.clock,
  });

async function send(fields: Fields): Promise<string> {
  const body = new URLSearchParams(fields).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const url = `${site.url}/gateway/api/backTransReq.do`;
  const reply = await site.transport.exchange({ method: 'POST', url, headers, body });
  const pieces: Uint8Array[] = [];
  for await (const piece of reply.body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** The merchant opens a card for payments by its number, as another client of it would (§9.5). */
async function openCard(): Promise<void> {
  const { merId, certId, merchantPrivateKey } = site.credentials;
  const head = { version: '5.1.0', encoding: 'UTF-8', signMethod: '01', certId, merId };
  const about = { bizType: '000301', channelType: '07', accessType: '0' };
  const message = {
    ...head,
    ...about,
    orderId: 'opening001',
    txnTime,
    accNo: revealText(own.number),
  };
  const key = createPrivateKey(merchantPrivateKey);
  const sendSigned = (fields: Fields) => send({ ...fields, signature: signatureOf(fields, key) });
  const infoOf = (pairs: Fields) => Buffer.from(`{${raw(pairs)}}`).toString('base64');
  const phone = { phoneNo: '13552535506' };
  const asked = { ...message, txnType: '77', txnSubType: '00', customerInfo: infoOf(phone) };
  expect(await sendSigned(asked)).toContain('respCode=00');
  const customerInfo = infoOf({ ...phone, smsCode: site.smsCode('opening001') ?? '' });
  const opened = { ...message, txnType: '79', txnSubType: '00', customerInfo };
  expect(await sendSigned(opened)).toContain('activateStatus=1');
}

const codeOf = (id: string = order.merchantPaymentId) => secret(site.smsCode(id) ?? '');
const arrived = () => site.clock.advance(arrivalMs);
const book = () => site.book(order.merchantPaymentId);

async function bind(channel: ReturnType<typeof channelOf>): Promise<Ref<'agreement'>> {
  const merchantAgreementId = 'agree001';
  const asked = await channel.signUp({ scene: 'otp', merchantAgreementId, card: own });
  const otp = codeOf(merchantAgreementId);
  const bound = await channel.confirmSignUp({ agreement: asked.ref, otp, card: own });
  expect(bound).toMatchObject({ status: 'succeeded', standing: 'active' });
  return bound.ref;
}

describe.each(['rsa', 'sm2'] as const)('sealed by %s', (mode) => {
  it('a card pays once its holder has told the code', async () => {
    await openCard();
    const channel = channelOf(mode);
    const asked = await channel.pay({ scene: 'card', ...order, card: own });
    expect(asked).toMatchObject({
      status: 'pending',
      waitingFor: 'payer',
      nextAction: { kind: 'otp', sentTo: '135****5506' },
    });
    expect(book()).toBeUndefined();
    const { number } = own;
    const taken = await channel.confirmPay({
      payment: asked.ref,
      otp: codeOf(),
      card: { number },
    });
    expect(taken).toMatchObject({ status: 'pending', waitingFor: 'channel', evidence: 'signed' });
    await arrived();
    const paid = await channel.query(taken.ref);
    expect(paid).toMatchObject({ status: 'succeeded', amount: cny(900), evidence: 'signed' });
    expect(book()).toMatchObject({ debits: 1, paid: 900 });
  });

  it('a card that was bound pays by its token, with a code where that is asked for', async () => {
    const channel = channelOf(mode);
    const agreement = await bind(channel);
    const request = { scene: 'agreement', ...order, agreement, extra: { otp: true } } as const;
    const asked = await channel.pay(request);
    expect(asked).toMatchObject({ nextAction: { kind: 'otp' } });
    const taken = await channel.confirmPay({ payment: asked.ref, otp: codeOf() });
    await arrived();
    await expect(channel.query(taken.ref)).resolves.toMatchObject({ status: 'succeeded' });
    expect(book()).toMatchObject({ debits: 1, paid: 900 });
  });

  it('a charge that is repeated once its token has ended is told as it was paid', async () => {
    const channel = channelOf(mode);
    const agreement = await bind(channel);
    // The same number at the same second: UnionPay knows an order by both.
    const startedAt = instantOf(site.clock.now());
    const request = { scene: 'agreement', ...order, startedAt, agreement } as const;
    // Whether the token is looked at before the number is, UnionPay documents nowhere.
    const gone = { fault: 'business-error', respCode: '89', operation: 'payments.create' };
    site.faults.arm(gone);
    const never = await channel.pay(request);
    expect(never).toMatchObject({ status: 'failed', reason: 'agreement-inactive' });
    expect(book()).toBeUndefined();
    await channel.pay(request);
    await arrived();
    site.faults.arm(gone);
    const again = await channel.pay(request);
    expect(again).toMatchObject({ status: 'succeeded', amount: cny(900) });
    expect(book()).toMatchObject({ debits: 1, paid: 900 });
  });

  it('a notification tells what was confirmed', async () => {
    const heard: unknown[] = [];
    const channel = channelOf(mode);
    site.listen(async (message) => {
      const notification = await channel.receive(message);
      heard.push(...notification.facts);
      return channel.acknowledge({ stored: notification });
    });
    const agreement = await bind(channel);
    await channel.pay({ scene: 'agreement', ...order, agreement });
    await arrived();
    expect(heard).toMatchObject([{ noun: 'payment', status: 'succeeded', amount: cny(900) }]);
  });
});

const collecting = (mode: Mode = 'rsa') =>
  createUnionPay(collectingConfigOf(site.credentials, site.url, mode), {
    transport: site.transport,
    clock: site.clock,
  });

describe.each(['rsa', 'sha256', 'sm2'] as const)('sealed by %s, a mandate', (mode) => {
  it('is set up, charged, told of, refunded and ended', async () => {
    const heard: unknown[] = [];
    const channel = collecting(mode);
    site.listen(async (message) => {
      const notification = await channel.receive(message);
      heard.push(...notification.facts);
      return channel.acknowledge({ stored: notification });
    });
    const sign = { scene: 'card', merchantAgreementId: 'agree001', card: own } as const;
    const { ref: agreement } = await channel.signUp(sign);
    await expect(channel.querySignUp(agreement)).resolves.toMatchObject({
      ...{ standing: 'active', instrument: '**** 0018' },
    });
    const { ref: payment } = await channel.pay({ scene: 'agreement', ...order, agreement });
    await arrived();
    expect(heard).toMatchObject([
      { noun: 'payment', status: 'succeeded', amount: cny(900), ref: { handle: payment.handle } },
    ]);
    await channel.refund({ payment, merchantRefundId: 'refund001', amount: cny(400) });
    await arrived();
    expect(book()).toMatchObject({ debits: 1, paid: 900, refunded: 400 });
    await expect(channel.signOff(agreement)).resolves.toMatchObject({ standing: 'ended' });
    const again = { ...order, merchantPaymentId: 'order002' };
    await expect(channel.pay({ scene: 'agreement', ...again, agreement })).resolves.toMatchObject({
      ...{ status: 'failed', reason: 'agreement-inactive' },
    });
    expect(site.agreement('agree001')).toMatchObject({ active: false, charges: 1 });
  });
});

describe('the banks, by mandate', () => {
  const at = (number: string, more: object = {}) => ({ ...own, number: secret(number), ...more });
  const sign = (merchantAgreementId: string, card: typeof own | ReturnType<typeof at>) =>
    collecting().signUp({ scene: 'card', merchantAgreementId, card });

  it('check three factors, or all, send no code, and bind a card once', async () => {
    const stranger = { phone: secret('13900000000') };
    const wrong = await sign('agree001', at('6216261000000000018', stranger));
    expect(wrong).toMatchObject({ status: 'failed', reason: 'payer-unverified' });
    const three = await sign('agree002', at('6217000000000001101', stranger));
    expect(three).toMatchObject({ standing: 'active' });
    expect(await sign('agree003', silent)).toMatchObject({ standing: 'active' });
    const once = at('6228480000000003301');
    expect(await sign('agree004', once)).toMatchObject({ standing: 'active' });
    expect(await sign('agree005', once)).toMatchObject({ status: 'failed', channelCode: '40' });
    // Under the name of the first it stands: that was no failure of it.
    await site.clock.advance(1_000);
    expect(await sign('agree004', once)).toMatchObject({ doubt: 'repeated-id' });
  });

  it('may answer by a timeout, and bind later: it is asked about until it stands', async () => {
    const channel = collecting();
    const signed = await sign('agree001', at('6214830000000004405'));
    expect(signed).toMatchObject({ status: 'unknown' });
    await expect(channel.querySignUp(signed.ref)).resolves.toMatchObject({ status: 'pending' });
    const request = { scene: 'agreement', ...order, agreement: signed.ref } as const;
    await expect(channel.pay(request)).resolves.toMatchObject({ reason: 'agreement-inactive' });
    expect(book()).toBeUndefined();
    await site.clock.advance(31_000);
    await expect(channel.querySignUp(signed.ref)).resolves.toMatchObject({ standing: 'active' });
    await expect(channel.pay(request)).resolves.toMatchObject({ status: 'pending' });
    await site.clock.advance(arrivalMs + 60_000);
    expect(book()).toMatchObject({ debits: 1, paid: 900 });
  });
});

describe('a code', () => {
  const asking = async (channel: ReturnType<typeof channelOf>) => {
    await openCard();
    const { ref } = await channel.pay({ scene: 'card', ...order, card: own });
    return { payment: ref, card: { number: own.number } };
  };
  const wrongCode = secret('654321');

  it('that is wrong is refused, and the right one still pays', async () => {
    const channel = channelOf();
    const confirmation = await asking(channel);
    const refused = await thrown(channel.confirmPay({ ...confirmation, otp: wrongCode }));
    expect(refused).toMatchObject({
      code: 'REFUSED',
      reason: 'payer-unverified',
      channelCode: '71',
    });
    expect(book()).toBeUndefined();
    await channel.confirmPay({ ...confirmation, otp: codeOf() });
    await arrived();
    expect(book()).toMatchObject({ debits: 1, paid: 900 });
  });

  it('that was asked for again makes the one before worthless', async () => {
    const channel = channelOf();
    const confirmation = await asking(channel);
    const before = codeOf();
    const { startedAt } = confirmation.payment;
    const again = await channel.pay({ scene: 'card', ...order, startedAt, card: own });
    expect(again.ref).toEqual(confirmation.payment);
    const refused = await thrown(channel.confirmPay({ ...confirmation, otp: before }));
    expect(refused).toMatchObject({ code: 'REFUSED', channelCode: '71' });
    const taken = await channel.confirmPay({ ...confirmation, otp: codeOf() });
    expect(taken.status).toBe('pending');
  });

  it('is good for its own amount only', async () => {
    const channel = channelOf();
    const { payment, card } = await asking(channel);
    const dearer = { ...payment, amount: cny(90_000) };
    const refused = await thrown(channel.confirmPay({ payment: dearer, card, otp: codeOf() }));
    expect(refused).toMatchObject({ code: 'REFUSED', channelCode: '71' });
    expect(book()).toBeUndefined();
  });

  it('that is told twice takes the money once', async () => {
    const channel = channelOf();
    const confirmation = { ...(await asking(channel)), otp: codeOf() };
    await channel.confirmPay(confirmation);
    const again = await channel.confirmPay(confirmation);
    expect(again).toMatchObject({ status: 'unknown', doubt: 'repeated-id' });
    await arrived();
    await expect(channel.query(again.ref)).resolves.toMatchObject({ status: 'succeeded' });
    expect(book()).toMatchObject({ debits: 1, paid: 900 });
  });

  it('whose answer is lost leaves the payment unknown, and a query resolves it', async () => {
    const channel = channelOf();
    const confirmation = { ...(await asking(channel)), otp: codeOf() };
    site.faults.arm({ fault: 'drop-reply' });
    const lost = await channel.confirmPay(confirmation);
    expect(lost).toMatchObject({ status: 'unknown', doubt: 'no-reply' });
    await arrived();
    await expect(channel.query(lost.ref)).resolves.toMatchObject({ status: 'succeeded' });
    expect(book()).toMatchObject({ debits: 1, paid: 900 });
  });
});

describe('a card', () => {
  it('that was never opened is asked for its code, and then turned down', async () => {
    const channel = channelOf();
    const { ref: payment } = await channel.pay({ scene: 'card', ...order, card: own });
    const card = { number: own.number };
    const denied = await channel.confirmPay({ payment, card, otp: codeOf() });
    expect(denied).toMatchObject({ status: 'failed', reason: 'agreement-inactive' });
    expect(book()).toBeUndefined();
  });

  it('of a bank without SMS is turned down before a code is waited for', async () => {
    const denied = await channelOf().pay({ scene: 'card', ...order, card: silent });
    expect(denied).toMatchObject({ status: 'failed', reason: 'payer-unverified' });
    expect(site.smsCode(order.merchantPaymentId)).toBeUndefined();
  });

  it('and its codes stand in no journal, answer or reference', async () => {
    const channel = channelOf();
    await openCard();
    const asked = await channel.pay({ scene: 'card', ...order, card: own });
    const otp = codeOf();
    const card = { number: own.number };
    const taken = await channel.confirmPay({ payment: asked.ref, card, otp });
    const shown = JSON.stringify([asked, taken, site.journal.entries()]);
    for (const one of [own.number, own.identity]) expect(shown).not.toContain(revealText(one));
    expect(JSON.stringify([asked, taken])).not.toContain(revealText(otp));
  });
});
