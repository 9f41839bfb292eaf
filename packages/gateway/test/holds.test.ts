import { PolyrailError, secret } from '@polyrail/core';
import { createWechatPay } from '@polyrail/wechatpay';
import { startWechatPay } from '@polyrail/wechatpay-simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { createGateway, type GatewayEvent, sqliteStore } from '../src/index.ts';
import { amount, createOpener, notification, scripted, startAt, tea } from './script.ts';

const { open, close } = createOpener();
afterEach(close);

const order = tea('hold1');
const waiting = { status: 'pending', waitingFor: 'payer' } as const;
const held = { noun: 'authorization', id: 'hold1', status: 'succeeded', amount } as const;
const frozen = notification({ eventId: 'frozen', facts: [held] });
const released = { status: 'succeeded', effect: 'released' } as const;
const hour = 60 * 60_000;

describe('an authorization', () => {
  it('ends when its payer may scan no more, like a payment', async () => {
    const { channel, heard } = scripted({ authorize: waiting });
    const { gateway } = await open({ channels: { one: channel }, expireAfterMs: hour });
    await gateway.authorize(order);
    const expiresAt = new Date(startAt + hour).toISOString();
    expect(heard[0]?.request).toMatchObject({ expiresAt });
  });

  it('is given no deadline where its channel knows none', async () => {
    const capabilities = { holdsExpire: false };
    const { channel, heard } = scripted({ authorize: waiting, pay: waiting, capabilities });
    const { gateway } = await open({ channels: { one: channel } });
    await gateway.authorize(order);
    await gateway.pay(tea('pay1'));
    expect(heard.map(({ request }) => 'expiresAt' in request)).toEqual([false, true]);
  });

  it('is captured again after a refusal, as the same capture', async () => {
    const refusal = new PolyrailError('REFUSED', 'Later', { evidence: 'signed' });
    const { channel, heard } = scripted({
      authorize: { status: 'succeeded' },
      capture: [refusal, { status: 'succeeded' }],
    });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.authorize(order);
    const terms = { amount, description: 'Tea', final: true };
    const take = { ...terms, authorization: 'hold1', merchantPaymentId: 'take1' };
    await expect(gateway.capture(take)).rejects.toBe(refusal);
    await clock.pass(60_000);
    expect((await gateway.capture(take)).state).toBe('succeeded');
    const [first, again] = heard.slice(1);
    expect(again?.request).toEqual(first?.request);
  });

  it('of which another part is let go than was asked for has a person called', async () => {
    const cancelAuthorization = { status: 'unknown', doubt: 'no-reply' } as const;
    const { channel } = scripted({ authorize: { status: 'succeeded' }, cancelAuthorization });
    const alarms: GatewayEvent[] = [];
    const { gateway, clock } = await open({
      channels: { one: channel },
      on: { cancellation: { alarm: (event) => void alarms.push(event) } },
    });
    await gateway.authorize(order);
    const part = { ...amount, amount: 364 };
    const release = { authorization: 'hold1', merchantCancelId: 'part', amount: part };
    await gateway.cancelAuthorization(release);
    const odd = { ...released, id: 'part', amount: { ...part, amount: 365 } };
    const told = notification({ eventId: 'odd', facts: [{ ...odd, noun: 'cancellation' }] });
    await gateway.receive({ channel: 'one' }, told);
    await clock.pass(1000);
    expect(alarms).toHaveLength(1);
    expect(await gateway.find('cancellation', 'part')).toMatchObject({ state: 'unknown' });
  });

  it('that nobody knows is not failed while its code may be scanned', async () => {
    const unknown = { status: 'unknown', doubt: 'no-reply' } as const;
    const notFound = { status: 'unknown', doubt: 'not-found' } as const;
    const { channel } = scripted({ authorize: unknown, queryAuthorization: notFound });
    const { gateway, clock } = await open({ channels: { one: channel }, expireAfterMs: hour });
    await gateway.authorize(order);
    await clock.pass(hour - 60_000);
    expect(await gateway.find('authorization', 'hold1')).toMatchObject({ state: 'unknown' });
    await clock.pass(hour);
    expect(await gateway.find('authorization', 'hold1')).toMatchObject({
      state: 'failed',
      proof: 'not-found',
    });
  });

  it('that is reversed stands as undone', async () => {
    const { channel } = scripted({ authorize: { status: 'succeeded' }, reverse: released });
    const told: GatewayEvent[] = [];
    const { gateway, clock } = await open({
      channels: { one: channel },
      on: { authorization: { undone: (event) => void told.push(event) } },
    });
    await gateway.authorize(order);
    await gateway.reverse('hold1', { noun: 'authorization' });
    await clock.pass(1000);
    expect(told).toMatchObject([
      { entry: { state: 'succeeded', undone: { by: 'reversal', amount } } },
    ]);
  });
});

it('a pay-score order that its payer never confirms is revoked by its merchant', async () => {
  await using site = await startWechatPay({ mount: 'in-process', shareKeys: true });
  const { mchId, appId, merchantPrivateKey, merchantCertSerial, apiV3Key, platformCert } =
    site.credentials;
  const wechatpay = createWechatPay(
    {
      ...{ mchId, appId, apiV3Key: secret(apiV3Key), baseUrl: site.url },
      merchantKey: secret(merchantPrivateKey),
      merchantSerial: merchantCertSerial,
      certificates: [platformCert],
      payScore: { serviceId: '2002000000000558128851361561536' },
    },
    { transport: site.transport },
  );
  await using gateway = await createGateway({
    channels: { wechatpay },
    store: sqliteStore({ file: ':memory:' }),
    notifyUrl: () => 'https://shop.example/notify',
  });
  const hold = { ...tea('hold_1'), scene: 'in-wallet', payerId: 'openid_1' } as const;
  expect((await gateway.authorize(hold)).state).toBe('pending');
  const revoked = await gateway.reverse('hold_1', { noun: 'authorization' });
  expect(revoked).toMatchObject({ state: 'failed', proof: 'reversed' });
  // Nobody can agree to it any more.
  await expect(site.payer.approve('hold_1')).rejects.toThrow();
  expect((await gateway.resolve('authorization', 'hold_1'))?.state).toBe('failed');
});

describe('money that is held late', () => {
  async function openLate() {
    const { channel, heard } = scripted({
      authorize: waiting,
      queryAuthorization: { status: 'failed', reason: 'order-closed', retry: 'new-id' },
      cancelAuthorization: released,
    });
    const { gateway, clock } = await open({
      channels: { one: channel },
      late: { default: 'refund', deadlineMs: hour },
    });
    await gateway.authorize(order);
    await gateway.resolve('authorization', 'hold1');
    expect(await gateway.find('authorization', 'hold1')).toMatchObject({ state: 'failed' });
    await gateway.receive({ channel: 'one' }, frozen);
    const releases = () => heard.filter(({ verb }) => verb === 'cancelAuthorization');
    return { gateway, clock, releases };
  }

  it('is let go at the deadline', async () => {
    const { gateway, clock, releases } = await openLate();
    expect(await gateway.find('authorization', 'hold1')).toMatchObject({
      state: 'late-success',
      late: { decision: 'undecided', default: 'refund' },
    });
    await clock.pass(2 * hour);
    expect(releases()).toMatchObject([{ request: { authorization: { merchantId: 'hold1' } } }]);
    expect(releases()[0]?.request).not.toHaveProperty('amount');
  });

  it('is a hold like any other once the merchant takes it', async () => {
    const { gateway, clock, releases } = await openLate();
    const taken = { noun: 'authorization', decision: 'accept' } as const;
    expect(await gateway.decide('hold1', taken)).toMatchObject({ state: 'succeeded' });
    await clock.pass(2 * hour);
    expect(releases()).toEqual([]);
  });
});

describe('what is done twice, under two ids', () => {
  const refusal = new PolyrailError('REFUSED', 'No', { evidence: 'signed' });
  const done = { status: 'succeeded' } as const;

  it('is let go of once, where money is held', async () => {
    const first = scripted({ authorize: refusal, cancelAuthorization: released });
    const second = scripted({ authorize: done, cancelAuthorization: released });
    const { gateway, clock } = await open({
      channels: { first: first.channel, second: second.channel },
      late: { default: 'refund', deadlineMs: hour },
    });
    expect(await gateway.authorize(order)).toMatchObject({ channel: 'second' });
    // The first channel took the order after all.
    await gateway.receive({ channel: 'first' }, frozen);
    await clock.pass(2 * hour);
    const releases = ({ heard }: typeof first) =>
      heard.filter(({ verb }) => verb === 'cancelAuthorization');
    expect(releases(first)).toHaveLength(1);
    expect(releases(second)).toEqual([]);
  });

  it('calls a person, where money was paid out', async () => {
    const first = scripted({ payout: refusal });
    const second = scripted({ payout: done });
    const alarms: GatewayEvent[] = [];
    const { gateway, clock } = await open({
      channels: { first: first.channel, second: second.channel },
      on: { payout: { alarm: (event) => void alarms.push(event) } },
    });
    const payee = { kind: 'wallet', id: '2088622912345678' } as const;
    await gateway.payout({ merchantPayoutId: 'out1', amount, purpose: 'Wages', payee });
    const fact = { noun: 'payout', id: 'out1', status: 'succeeded', amount } as const;
    await gateway.receive({ channel: 'first' }, notification({ eventId: 'paid', facts: [fact] }));
    await clock.pass(1000);
    expect(alarms).toHaveLength(1);
    const lines = await gateway.history('payout', 'out1');
    expect(lines.find(({ kind }) => kind === 'alarm')).toMatchObject({
      body: { why: 'it was done twice, under two ids' },
    });
  });
});
