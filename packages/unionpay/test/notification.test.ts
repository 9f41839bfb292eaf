import { createSign } from 'node:crypto';
import type { Incoming } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import { createUnionPay, type UnionPayConfig } from '../src/index.ts';
import {
  base,
  certificates,
  clockAt,
  cny,
  formOf,
  gateway,
  hiddenFor,
  keys,
  leaf,
  now,
  nowMs,
  platformName,
  push,
  queryId,
  signatureOf,
  thrown,
  token,
} from './gateway.ts';
import { of, recorded, text } from './vectors.ts';

const receive = (message: Incoming, config: UnionPayConfig = base) =>
  gateway(() => new Error('nothing is sent'))
    .channel(config as never)
    .receive(message);

describe('what UnionPay pushes', () => {
  it('is a payment, with what a later verb needs', async () => {
    const accNo = hiddenFor('6216***********0018');
    const notification = await receive(push({ accNo }));
    expect(notification).toMatchObject({
      eventId: `01|01|order001|20261122104924|${queryId}|00`,
      facts: [
        {
          noun: 'payment',
          status: 'succeeded',
          amount: cny(900),
          settledOn: '2026-11-22',
          payer: { account: '6216***********0018' },
          ref: {
            merchantId: 'order001',
            channelId: queryId,
            startedAt: '2026-11-22T02:49:24.000Z',
            handle: 'u1|p=page',
          },
        },
      ],
    });
  });

  it.each([
    [
      { txnType: '04', txnSubType: '00' },
      { noun: 'refund', status: 'succeeded' },
    ],
    [
      { txnType: '31', txnSubType: '00' },
      { noun: 'cancellation', effect: 'refunded' },
    ],
    [
      { txnType: '32', txnSubType: '00' },
      { noun: 'cancellation', effect: 'released' },
    ],
    [{ txnType: '02' }, { noun: 'authorization', status: 'succeeded' }],
    [
      { txnType: '03', txnSubType: '00' },
      { noun: 'payment', status: 'succeeded' },
    ],
    [
      { txnType: '12', txnSubType: '00', bizType: '000401', respCode: '61' },
      { noun: 'payout', status: 'failed', reason: 'payee-invalid' },
    ],
    [
      { bizType: '000902', respCode: '64', respMsg: '余额不足' },
      { noun: 'payment', status: 'failed', reason: 'insufficient-funds' },
    ],
    [{ respCode: 'A6' }, { noun: 'payment', status: 'succeeded' }],
  ])('is told by its number: %j', async (changes, expected) => {
    const { facts } = await receive(push(changes));
    expect(facts[0]).toMatchObject(expected);
  });

  it('is an agreement once there is a token', async () => {
    const opening = {
      txnType: '79',
      txnSubType: '00',
      bizType: '000902',
      respMsg: 'Success!',
      activateStatus: '1',
      accNo: hiddenFor('6216261000000000018'),
      ...Object.fromEntries(
        ['txnAmt', 'currencyCode', 'queryId', 'settleAmt', 'traceNo'].map((name) => [
          name,
          undefined,
        ]),
      ),
    };
    const data = `{token=${token}&trId=62000000001&tokenType=01&tokenEnd=20311122104930}`;
    const { facts } = await receive(push({ ...opening, tokenPayData: data }));
    expect(facts[0]).toMatchObject({
      noun: 'agreement',
      standing: 'active',
      instrument: '621626******0018',
      ref: { channelId: token },
    });
    expect(JSON.stringify(facts)).not.toContain('6216261000000000018');
    const bare = await receive(push(opening));
    expect(bare.facts[0]).toMatchObject({ noun: 'agreement', status: 'pending' });
    const declined = await receive(push({ ...opening, respCode: '66' }));
    expect(declined.facts[0]).toMatchObject({ status: 'failed', reason: 'payer-unverified' });
  });

  it('is answered by a status', () => {
    const { channel } = gateway(() => new Error('nothing is sent'));
    const { acknowledge } = channel();
    expect(acknowledge({ refused: 'x' }).status).toBe(400);
    expect(acknowledge({ again: 'x' }).status).toBe(503);
  });
});

describe('what is refused', () => {
  const refusals = async (message: Incoming, config?: UnionPayConfig) =>
    (await thrown(receive(message, config))).code;

  it('is what was signed by somebody else', async () => {
    const day = 86_400_000;
    const certificateOf = (subject: string, overrides = {}) =>
      leaf(subject, keys.stranger.publicKey, overrides);
    const key = keys.stranger.privateKey;
    const cases = {
      'with the right certificate': { key },
      'under another name': { key, certificate: certificateOf('041@Z1@00040000:SIGN@00000001') },
      'under a merchant’s certificate': {
        key: keys.merchant.privateKey,
        certificate: certificates.merchant,
      },
      'under what is no certificate': {
        key,
        certificate: '-----BEGIN CERTIFICATE-----\r\nMAA=\r\n-----END CERTIFICATE-----',
      },
      'under an authority of its own': {
        key,
        certificate: certificateOf(platformName, { issuerKey: key }),
      },
      'by an authority itself': {
        key: keys.middle.privateKey,
        certificate: certificates.middle,
      },
      'by one that is no authority': {
        key,
        certificate: certificateOf(platformName, {
          issuer: platformName,
          issuerKey: keys.platform.privateKey,
        }),
      },
      'under one that is not valid yet': {
        key,
        certificate: certificateOf(platformName, { notBefore: nowMs + day }),
      },
      'under one that has expired': {
        key,
        certificate: certificateOf(platformName, { notAfter: nowMs - day }),
      },
    };
    for (const [what, told] of Object.entries(cases)) {
      await expect(refusals(push({}, told)), what).resolves.toBe('NOTIFICATION_UNVERIFIED');
    }
    const renewed = certificateOf(platformName);
    await expect(receive(push({}, { key, certificate: renewed }))).resolves.toBeDefined();
    const test = { ...base, environment: 'test' } as const;
    const named = { key, certificate: certificateOf('041@Z1@00040000:SIGN@00000001') };
    await expect(receive(push({}, named), test)).resolves.toBeDefined();
  });

  it('is what was changed, or says how it wants to be checked', async () => {
    const changed = push();
    const body = Buffer.from(
      String(changed.body && Buffer.from(changed.body)).replace('900', '901'),
    );
    await expect(refusals({ ...changed, body })).resolves.toBe('NOTIFICATION_UNVERIFIED');
    for (const changes of [
      { signMethod: '11' },
      { version: '5.0.0' },
      { version: '6.0.0' },
      { respMsg: 'success' },
      { txnType: '98' },
      { txnTime: undefined },
      { respCode: '97' },
      // One text, two readings.
      { reqReserved: 'x&respCode=00&txnAmt=90000&z=' },
    ]) {
      await expect(refusals(push(changes)), JSON.stringify(changes)).resolves.toBe(
        'NOTIFICATION_UNVERIFIED',
      );
    }
  });

  it('is what is for somebody else, or of another time', async () => {
    await expect(refusals(push({ merId: '777290058110097' }))).resolves.toBe(
      'NOTIFICATION_FOREIGN',
    );
    await expect(refusals(push({ txnTime: '20261121084923' }))).resolves.toBe('NOTIFICATION_STALE');
    await expect(refusals(push({ txnTime: '20261122105500' }))).resolves.toBe('NOTIFICATION_STALE');
    await expect(receive(push({ txnTime: '20261121084925' }))).resolves.toBeDefined();
  });
});

describe('notifications of 5.0.0', () => {
  const fields = {
    accessType: '0',
    bizType: '000201',
    certId: '69903319369',
    currencyCode: '156',
    encoding: 'UTF-8',
    merId: base.merId,
    orderId: 'order001',
    queryId,
    respCode: '00',
    respMsg: 'Success!',
    signMethod: '01',
    txnAmt: '900',
    txnSubType: '01',
    txnTime: '20261122104924',
    txnType: '01',
    version: '5.0.0',
  };
  const old = { ...base, legacyCertificates: certificates.merchant } as const;

  it('are heard where their certificates are configured, and verified by the old hash', async () => {
    const signature = signatureOf(fields, keys.merchant.privateKey, 'sha1');
    const message = formOf({ ...fields, signature });
    await expect(receive(message, old)).resolves.toMatchObject({
      facts: [{ noun: 'payment', status: 'succeeded' }],
    });
    const code = async (one: Incoming, config?: UnionPayConfig) =>
      (await thrown(receive(one, config))).code;
    await expect(code(message)).resolves.toBe('NOTIFICATION_UNVERIFIED');
    const forged = createSign('sha1').update('x').sign(keys.merchant.privateKey, 'base64');
    await expect(code(formOf({ ...fields, signature: forged }), old)).resolves.toBe(
      'NOTIFICATION_UNVERIFIED',
    );
    const unknown = formOf({ ...fields, certId: '1', signature });
    await expect(code(unknown, old)).resolves.toBe('NOTIFICATION_UNVERIFIED');
  });
});

describe('recorded notifications', () => {
  it.each(of('notification-body-5.1.0'))('of 2018: %s', async (_, one) => {
    const clock = clockAt('2018-04-04T09:45:00.000Z');
    const message = { headers: {}, body: Buffer.from(text(one, 'body')) };
    const received = createUnionPay(recorded(), { clock }).receive(message);
    if (one['channel'] === 'front') {
      await expect(thrown(received)).resolves.toMatchObject({ code: 'NOTIFICATION_UNVERIFIED' });
      return;
    }
    const { facts } = await received;
    // The opening of a card without a token is no agreement that could be charged.
    const expected = one.id.includes('79') ? { status: 'pending' } : { status: 'succeeded' };
    expect(facts[0]).toMatchObject(expected);
    expect(JSON.stringify(facts)).not.toContain('6216261000000000018');
    const late = createUnionPay(recorded(), { clock: clockAt(now) }).receive(message);
    await expect(thrown(late)).resolves.toMatchObject({ code: 'NOTIFICATION_UNVERIFIED' });
  });
});
