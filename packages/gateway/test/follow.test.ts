import { PolyrailError, secret } from '@polyrail/core';
import { afterEach, describe, expect, it } from 'vitest';
import { type Store, sqliteStore } from '../src/index.ts';
import { amount, createOpener, type Said, scripted, tea } from './script.ts';

const { open, close } = createOpener();
afterEach(close);

const order = tea();
const silent = new PolyrailError('UNAVAILABLE', 'No reply');
const otp: Said = { status: 'pending', waitingFor: 'payer', nextAction: { kind: 'otp' } };
const minuteMs = 60_000;

describe('a payment that waits for a code', () => {
  const barcode = { ...order, scene: 'barcode', authCode: '1' } as const;

  it('is not undone while its payer types, and is confirmed by the code', async () => {
    const { channel, heard } = scripted({
      pay: otp,
      query: otp,
      confirmPay: { status: 'succeeded' },
      reverse: { status: 'succeeded', effect: 'nothing-there' },
    });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.pay(barcode);
    await clock.pass(30 * minuteMs);
    expect(heard.some(({ verb }) => verb === 'reverse')).toBe(false);
    const paid = await gateway.confirmPay({ payment: 'order1', otp: secret('111111') });
    expect(paid.state).toBe('succeeded');
    expect(JSON.stringify(await gateway.history('payment', 'order1'))).not.toContain('111111');
  });

  it('is as it was after a wrong code', async () => {
    const wrong = new PolyrailError('REFUSED', 'Wrong code', { reason: 'payer-unverified' });
    const { channel } = scripted({ pay: otp, query: otp, confirmPay: wrong });
    const { gateway } = await open({ channels: { one: channel } });
    await gateway.pay(barcode);
    const confirming = gateway.confirmPay({ payment: 'order1', otp: secret('0') });
    await expect(confirming).rejects.toMatchObject({ code: 'REFUSED' });
    expect((await gateway.find('payment', 'order1'))?.state).toBe('pending');
  });
});

describe('an end', () => {
  it('that the channel does not prove is no end', async () => {
    const { channel } = scripted({
      pay: { status: 'pending', waitingFor: 'payer' },
      query: silent,
      close: { status: 'succeeded' },
      capabilities: { closeProvesAbsence: false },
    });
    const { gateway } = await open({ channels: { one: channel } });
    await gateway.pay(order);
    expect((await gateway.closePayment('order1')).state).toBe('pending');
  });

  it('of an agreement that was not heard of is asked about', async () => {
    const { channel } = scripted({
      signUp: { status: 'succeeded', standing: 'active' },
      signOff: { status: 'unknown', doubt: 'no-reply' },
      querySignUp: { status: 'succeeded', standing: 'ended' },
    });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.signUp({ scene: 'page', merchantAgreementId: 'agree1' });
    expect((await gateway.signOff('agree1')).told?.standing).toBe('active');
    await clock.pass(10_000);
    expect((await gateway.find('agreement', 'agree1'))?.told?.standing).toBe('ended');
  });

  const active = { status: 'succeeded', standing: 'active' } as const;
  const lost = { status: 'unknown', doubt: 'no-reply' } as const;
  const signed = { scene: 'page', merchantAgreementId: 'agree1' } as const;

  it('of an agreement is asked about as long as its request may arrive', async () => {
    const { channel, heard } = scripted({
      signUp: active,
      signOff: lost,
      querySignUp: [active, active, { status: 'succeeded', standing: 'ended' }],
    });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.signUp(signed);
    await gateway.signOff('agree1');
    await clock.pass(10_000);
    expect((await gateway.find('agreement', 'agree1'))?.told?.standing).toBe('active');
    await clock.pass(5 * 60_000);
    expect((await gateway.find('agreement', 'agree1'))?.told?.standing).toBe('ended');
    expect(heard.filter(({ verb }) => verb === 'querySignUp')).toHaveLength(3);
  });

  it('of an agreement that never arrived leaves it standing', async () => {
    const { channel, heard } = scripted({ signUp: active, signOff: lost, querySignUp: active });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.signUp(signed);
    await gateway.signOff('agree1');
    await clock.pass(24 * 60 * 60_000);
    const asked = heard.filter(({ verb }) => verb === 'querySignUp');
    // The last time after the moment from which a query misses nothing any more.
    expect(asked).toHaveLength(3);
    expect((await gateway.find('agreement', 'agree1'))?.told?.standing).toBe('active');
  });

  it('of an agreement is asked about though nobody was there to hear of it', async () => {
    const { channel } = scripted({
      signUp: active,
      signOff: 'silence',
      querySignUp: [active, { status: 'succeeded', standing: 'ended' }],
    });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.signUp(signed);
    void gateway.signOff('agree1', { timeoutMs: 5000 }).catch(() => undefined);
    await clock.pass(3 * 60_000);
    expect((await gateway.find('agreement', 'agree1'))?.told?.standing).toBe('ended');
  });

  it('of an agreement that was never sent is not waited for', async () => {
    const refusal = new PolyrailError('REFUSED', 'No', { evidence: 'signed' });
    const { channel, heard } = scripted({ signUp: active, signOff: refusal, querySignUp: active });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.signUp(signed);
    await expect(gateway.signOff('agree1')).rejects.toBe(refusal);
    await clock.pass(24 * 60 * 60_000);
    expect(heard.filter(({ verb }) => verb === 'querySignUp')).toEqual([]);
  });

  it('means what is under way, and says so otherwise', async () => {
    const { channel } = scripted({ pay: { status: 'succeeded' }, close: { status: 'succeeded' } });
    const { gateway } = await open({ channels: { one: channel } });
    await expect(gateway.closePayment('nobody')).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await gateway.pay(order);
    await expect(gateway.closePayment('order1')).rejects.toThrow(/order1 is succeeded/);
    await expect(gateway.reverse('order1')).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});

/** A store whose transactions fail while `broken` says so. */
function breakable(broken: () => boolean): Store {
  const store = sqliteStore({ file: ':memory:' });
  return {
    ...store,
    async transaction(work) {
      if (broken()) throw new Error('The disk is full');
      return store.transaction(work);
    },
  };
}

describe('a charge that fails because its agreement does not stand', () => {
  const signed = { scene: 'page', merchantAgreementId: 'agree1' } as const;
  const charge = { scene: 'agreement', merchantPaymentId: 'order1', amount, description: 'Tea' };
  const standing = (is: 'active' | 'ended'): Said => ({ status: 'succeeded', standing: is });
  const inactive = { reason: 'agreement-inactive', evidence: 'signed' } as const;
  const ended = standing('ended');

  async function charged(said: { readonly pay: Said; readonly querySignUp: Said | Said[] }) {
    const { channel, heard } = scripted({ signUp: standing('active'), ...said });
    const told: string[] = [];
    const { gateway, clock } = await open({
      channels: { one: channel },
      on: { agreement: { changed: async ({ entry }) => void told.push(entry.id) } },
    });
    await gateway.signUp(signed);
    // Longer after it was signed than anything else is asked about.
    await clock.pass(30 * 60 * minuteMs);
    const paid = gateway.pay({ ...charge, agreement: 'agree1' } as Parameters<
      typeof gateway.pay
    >[0]);
    await paid.catch(() => undefined);
    const asked = () => heard.filter(({ verb }) => verb === 'querySignUp').length;
    const agreement = () => gateway.find('agreement', 'agree1');
    return { gateway, clock, told, asked, agreement };
  }

  it('has the agreement asked about, whose end nobody told', async () => {
    const pay: Said = { status: 'failed', ...inactive };
    const { gateway, clock, told, agreement } = await charged({ pay, querySignUp: ended });
    await clock.pass(1000);
    expect((await agreement())?.told?.standing).toBe('ended');
    expect(told).toEqual(['agree1']);
    const lines = await gateway.history('agreement', 'agree1');
    expect(lines.find(({ kind }) => kind === 'doubt')?.body).toMatchObject({ payment: 'order1' });
  });

  // The former once it was sent; the latter before it was stored, by what its channel was asked beforehand.
  it.each(['REFUSED', 'REQUEST_INVALID'] as const)(
    'has it asked about after %s, too',
    async (code) => {
      const pay = new PolyrailError(code, 'No such agreement', inactive);
      const { clock, agreement } = await charged({ pay, querySignUp: ended });
      await clock.pass(1000);
      expect((await agreement())?.told?.standing).toBe('ended');
    },
  );

  it('has it asked about again where the channel does not answer', async () => {
    const pay: Said = { status: 'failed', ...inactive };
    const { clock, agreement } = await charged({ pay, querySignUp: [silent, ended] });
    await clock.pass(1000);
    expect((await agreement())?.told?.standing).toBe('active');
    await clock.pass(61 * minuteMs);
    expect((await agreement())?.told?.standing).toBe('ended');
  });

  it('leaves an agreement alone that failed it for another reason', async () => {
    const pay: Said = { status: 'failed', reason: 'insufficient-funds', evidence: 'signed' };
    const { clock, asked } = await charged({ pay, querySignUp: ended });
    await clock.pass(1000);
    expect(asked()).toBe(0);
  });
});

describe('a store that fails after the reply', () => {
  it('leaves the payment unknown where it is, and the resolver finds out', async () => {
    let replied = false;
    const one = scripted({ pay: { status: 'succeeded' }, query: { status: 'succeeded' } });
    const two = scripted({ pay: { status: 'succeeded' } });
    const { gateway, clock } = await open({
      channels: { one: one.channel, two: two.channel },
      store: breakable(() => replied),
      checkpoint: (point) => {
        if (point === 'after-reply') replied = true;
      },
    });
    expect(await gateway.pay(order)).toMatchObject({ state: 'unknown', doubt: 'defect' });
    replied = false;
    expect(two.heard).toEqual([]);
    await clock.pass(minuteMs);
    expect(await gateway.find('payment', 'order1')).toMatchObject({
      state: 'succeeded',
      channel: 'one',
    });
  });
});

describe('an error that is none of the contract', () => {
  it('proves nothing: the attempt is asked about', async () => {
    const { channel, heard } = scripted({
      pay: { status: 'succeeded' },
      query: { status: 'succeeded' },
    });
    const other = scripted({ pay: { status: 'succeeded' } });
    const broken = {
      ...channel,
      pay: async (...words: Parameters<NonNullable<typeof channel.pay>>) => {
        await channel.pay?.(...words);
        throw new TypeError('A defect');
      },
    } as typeof channel;
    const { gateway, clock } = await open({ channels: { broken, other: other.channel } });
    await expect(gateway.pay(order)).rejects.toThrow('A defect');
    expect(other.heard).toEqual([]);
    await clock.pass(minuteMs);
    expect((await gateway.find('payment', 'order1'))?.state).toBe('succeeded');
    expect(heard.filter(({ verb }) => verb === 'pay')).toHaveLength(1);
  });
});
