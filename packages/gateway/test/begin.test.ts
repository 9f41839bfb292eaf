import { type Channel, instantOf, money, PolyrailError, secret } from '@polyrail/core';
import { afterEach, describe, expect, it } from 'vitest';
import { sqliteStore } from '../src/index.ts';
import { createOpener, type Said, scripted, startAt, tea } from './script.ts';

const { open, close } = createOpener();
afterEach(close);

const order = tea();
const refused = (fields: object = {}) =>
  new PolyrailError('REFUSED', 'No', {
    reason: 'permission-denied',
    evidence: 'signed',
    ...fields,
  });

it('of which a careless channel sent something unstored is unknown, and no error', async () => {
  const { channel, heard } = scripted({ pay: { status: 'succeeded' } });
  const pay: NonNullable<Channel['pay']> = (request, options) =>
    channel.pay?.(request, {
      ...options,
      onPrepared: async (ref) => options?.onPrepared?.(ref).catch(() => undefined),
    }) as never;
  const full = async () => Promise.reject(new Error('The disk is full'));
  const store = { ...sqliteStore({ file: ':memory:' }), transaction: full };
  const { gateway } = await open({ channels: { one: { ...channel, pay } }, store });
  expect((await gateway.pay(order)).state).toBe('unknown');
  expect(heard.map(({ verb }) => verb)).toEqual(['pay']);
});

/** A channel whose answer to a payment is on its way until somebody lets it arrive. */
const payingSlowly = (channel: Channel, arrives: Promise<unknown>): Channel => ({
  ...channel,
  async pay(...call) {
    const outcome = await channel.pay?.(...call);
    await arrives;
    return outcome as never;
  },
});

describe('an id', () => {
  it('stands for one payment, however often it is asked for', async () => {
    const { channel, heard } = scripted({ pay: { status: 'succeeded' } });
    const { gateway } = await open({ channels: { one: channel } });
    const [first, second] = await Promise.all([gateway.pay(order), gateway.pay(order)]);
    const third = await gateway.pay({ ...order, startedAt: '2026-11-22T05:00:00.000Z' });
    expect(heard.filter(({ verb }) => verb === 'pay')).toHaveLength(1);
    expect(new Set([first.id, second.id, third.id])).toEqual(new Set(['order1']));
    expect(third.state).toBe('succeeded');
  });

  it('is refused with other content', async () => {
    const { channel } = scripted({ pay: { status: 'succeeded' } });
    const { gateway } = await open({ channels: { one: channel } });
    await gateway.pay(order);
    await expect(gateway.pay({ ...order, amount: money('9.91', 'CNY') })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      field: 'merchantPaymentId',
      reason: 'id-reused',
    });
  });

  it.each(['', 'a\0b', 'a\nb', 'a\ud800', 'a'.repeat(257)])(
    'is text that any store keeps, unlike %j',
    async (id) => {
      const { channel, heard } = scripted({ pay: { status: 'succeeded' } });
      const { gateway } = await open({ channels: { one: channel } });
      const rule = 'must be a text of 1 to 256 characters, none of them a control character';
      await expect(gateway.pay(tea(id))).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
        field: 'merchantPaymentId',
        message: `merchantPaymentId ${rule}`,
      });
      const others = await Promise.allSettled([
        gateway.find('payment', id),
        gateway.confirm('payment', id, { verdict: 'pass' }),
        gateway.decide(id, { decision: 'accept' }),
        gateway.resolve('payment', id),
        gateway.closePayment(id),
      ]);
      const reasons = others.map((one) => one.status === 'rejected' && one.reason.message);
      expect(reasons).toEqual(others.map(() => `id ${rule}`));
      const refund = { payment: id, merchantRefundId: 'refund1', amount: order.amount };
      await expect(gateway.refund(refund)).rejects.toMatchObject({
        message: 'payment must be the id of the payment it means',
      });
      expect(heard).toEqual([]);
    },
  );

  it('is free again when nothing was sent, with any content', async () => {
    const invalid = new PolyrailError('REQUEST_INVALID', 'description is too long');
    const { channel } = scripted({ pay: [invalid, { status: 'succeeded' }] });
    const { gateway } = await open({ channels: { one: channel } });
    await expect(gateway.pay(order)).rejects.toBe(invalid);
    const entry = await gateway.pay({ ...order, description: 'Green tea' });
    expect(entry).toMatchObject({ state: 'succeeded', attempts: [{ attemptId: 'order1' }] });
  });

  it('that two orders want at the same moment goes to one of them', async () => {
    const { channel, heard } = scripted({ pay: { status: 'succeeded' } });
    const { gateway } = await open({ channels: { one: channel } });
    const other = { ...order, description: 'Green tea' };
    const ends = await Promise.allSettled([gateway.pay(order), gateway.pay(other)]);
    const lost = ends.filter((end) => end.status === 'rejected');
    expect(lost).toMatchObject([{ reason: { code: 'REQUEST_INVALID', reason: 'id-reused' } }]);
    expect(heard.filter(({ verb }) => verb === 'pay')).toHaveLength(1);
  });

  describe('that one call carries while another, begun at the same moment, fails before it is stored', () => {
    const pending: Said = { status: 'pending', waitingFor: 'payer' };

    /** Neither has seen the other when both begin, and the first is under way when the second fails. */
    const together = async (others: Record<string, Channel>, routes = true) => {
      const { channel, heard } = scripted({ pay: pending });
      const sent = Promise.withResolvers<void>();
      const failed = Promise.withResolvers<void>();
      let calls = 0;
      const { gateway } = await open({
        channels: { one: payingSlowly(channel, failed.promise), ...others },
        limit: { perSecond: 1 },
        route: async ({ channels: able }) => {
          calls += 1;
          if (calls === 2) await sent.promise;
          return calls === 1 || routes ? able : [];
        },
        checkpoint: (point) => {
          if (point === 'after-persist') sent.resolve();
        },
      });
      const first = gateway.pay(order);
      const second = await gateway.pay(order).finally(failed.resolve);
      return { first: await first, second, heard };
    };

    it('goes nowhere else', async () => {
      const other = scripted({ pay: pending });
      const { first, heard } = await together({ other: other.channel });
      expect(heard).toHaveLength(1);
      expect(other.heard).toHaveLength(0);
      expect(first).toMatchObject({ state: 'pending', attempts: [{ channel: 'one' }] });
    });

    it.each([
      ['that its channel keeps off', true],
      ['that no channel takes', false],
    ])('counts as sent, also for the one %s', async (_, routes) => {
      const { first, second } = await together({}, routes);
      expect(second).toMatchObject({ id: 'order1', attempts: [{ fate: 'prepared' }] });
      expect(first).toMatchObject({ state: 'pending', attempts: [{ fate: 'pending' }] });
    });
  });

  it('is carried by one call alone, though another stood still for longer than it may', async () => {
    const { channel, heard } = scripted({ pay: { status: 'pending', waitingFor: 'payer' } });
    const moves = Promise.withResolvers<void>();
    const answers = Promise.withResolvers<void>();
    let calls = 0;
    const { gateway, clock } = await open({
      channels: { one: payingSlowly(channel, answers.promise) },
      risk: { assess: async () => 'pass' as const, timeoutMs: 1000, otherwise: 'block' },
      route: async ({ channels: able }) => {
        calls += 1;
        if (calls === 1) await moves.promise;
        return able;
      },
    });
    const first = gateway.pay(order);
    await clock.pass(61_000);
    const second = gateway.pay(order);
    await clock.rest();
    moves.resolve();
    await clock.rest();
    expect(heard).toHaveLength(1);
    answers.resolve();
    expect((await second).state).toBe('pending');
    expect((await first).id).toBe('order1');
  });

  it('of what no channel could even write down was never taken', async () => {
    const { channel } = scripted({ pay: { status: 'succeeded' } });
    const invalid = new PolyrailError('REQUEST_INVALID', 'description is too long');
    const strict = { ...channel, pay: () => Promise.reject(invalid) };
    const { gateway } = await open({ channels: { strict: strict as typeof channel } });
    await expect(gateway.pay(order)).rejects.toBe(invalid);
    expect(await gateway.find('payment', 'order1')).toBeUndefined();
  });

  it('belongs to its merchant alone', async () => {
    const one = scripted({ pay: { status: 'succeeded' } });
    const other = scripted({ pay: { status: 'pending', waitingFor: 'payer' } });
    const byMerchant: Record<string, typeof one> = { tea: one, coffee: other };
    const { gateway } = await open({
      channels: (merchant) => byMerchant[merchant] && { only: byMerchant[merchant].channel },
    });
    await gateway.pay(order, { merchant: 'tea' });
    await gateway.pay(order, { merchant: 'coffee' });
    const found = async (merchant: string) => gateway.find('payment', 'order1', { merchant });
    expect((await found('tea'))?.state).toBe('succeeded');
    expect((await found('coffee'))?.state).toBe('pending');
    await expect(gateway.pay(order, { merchant: 'nobody' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      field: 'merchant',
    });
  });
});

describe('an attempt', () => {
  it('is stored before its first byte leaves', async () => {
    const { channel, heard } = scripted({ pay: { status: 'succeeded' } });
    const seen: unknown[] = [];
    const { gateway } = await open({
      channels: { one: channel },
      checkpoint: async (point) => {
        if (point !== 'after-persist') return;
        seen.push(heard.length, (await gateway.find('payment', 'order1'))?.attempts[0]);
      },
    });
    await gateway.pay(order);
    expect(seen).toMatchObject([0, { channel: 'one', fate: 'prepared', attemptId: 'order1' }]);
  });

  it('goes to the next channel when nothing was sent', async () => {
    const down = scripted({ pay: new PolyrailError('NOT_SENT', 'The connection was refused') });
    const up = scripted({ pay: { status: 'succeeded' } });
    const { gateway } = await open({ channels: { down: down.channel, up: up.channel } });
    const entry = await gateway.pay(order);
    expect(entry).toMatchObject({ state: 'succeeded', channel: 'up' });
    expect(up.heard[0]?.request['merchantPaymentId']).toBe('order1');
  });

  it('goes to the next channel under another id after a signed refusal', async () => {
    const no = scripted({ pay: refused() });
    const yes = scripted({ pay: { status: 'succeeded' } });
    const { gateway } = await open({ channels: { no: no.channel, yes: yes.channel } });
    const entry = await gateway.pay(order);
    expect(entry).toMatchObject({ state: 'succeeded', channel: 'yes' });
    const sent = yes.heard[0]?.request['merchantPaymentId'];
    expect(sent).toMatch(/^[0-9a-f]{32}$/);
    expect(entry.attempts).toMatchObject([{ fate: 'refused' }, { attemptId: sent }]);
  });

  it('stays where it is after a refusal that only TLS vouches for', async () => {
    const no = scripted({ pay: refused({ evidence: 'transport' }) });
    const yes = scripted({ pay: { status: 'succeeded' } });
    const channels = { no: no.channel, yes: yes.channel };
    const careful = await open({ channels });
    await expect(careful.gateway.pay(order)).rejects.toMatchObject({ code: 'REFUSED' });
    expect(yes.heard).toHaveLength(0);
    const daring = await open({ channels, failOverOnTransportEvidence: true });
    expect(await daring.gateway.pay(order)).toMatchObject({ state: 'succeeded', channel: 'yes' });
  });

  it('stays there when it is asked for again, also while that channel is away', async () => {
    const away = new PolyrailError('NOT_SENT', 'The connection was refused');
    const tls = refused({ evidence: 'transport' });
    const no = scripted({ pay: [tls, away, away, { status: 'succeeded' }] });
    const yes = scripted({ pay: { status: 'succeeded' } });
    const { gateway } = await open({ channels: { no: no.channel, yes: yes.channel } });
    await expect(gateway.pay(order)).rejects.toMatchObject({ code: 'REFUSED' });
    await expect(gateway.pay(order, { channel: 'yes' })).rejects.toMatchObject({
      field: 'channel',
      message:
        'channel must be no, which refused this order in words nobody signed, and may have taken it: ' +
        'elsewhere it needs another id',
    });
    for (const _ of [1, 2]) await expect(gateway.pay(order)).rejects.toBe(away);
    expect(await gateway.pay(order)).toMatchObject({ state: 'succeeded', channel: 'no' });
    expect(yes.heard).toHaveLength(0);
  });

  it('is the same at a channel that had refused it, and another elsewhere', async () => {
    const no = scripted({ pay: [refused(), refused(), { status: 'succeeded' }] });
    const other = scripted({ pay: refused() });
    const { gateway, clock } = await open({ channels: { no: no.channel, other: other.channel } });
    for (const wait of [60_000, 120_000]) {
      await expect(gateway.pay(order)).rejects.toMatchObject({ code: 'REFUSED' });
      await clock.pass(wait);
    }
    const entry = await gateway.pay(order);
    const named = ({ heard }: ReturnType<typeof scripted>) =>
      heard.map(({ request }) => [request['merchantPaymentId'], request['startedAt']]);
    const [first, ...more] = named(no);
    expect(more).toEqual([first, first]);
    expect(first).toEqual(['order1', instantOf(startAt)]);
    const [elsewhere, again] = named(other);
    expect(elsewhere?.[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(again).toEqual(elsewhere);
    expect(entry).toMatchObject({ state: 'succeeded', channel: 'no' });
    expect(entry.attempts.map(({ fate }) => fate)).toEqual(['refused', 'succeeded']);
    const expiries = no.heard.map(({ request }) => request['expiresAt']);
    expect(new Set(expiries).size).toBe(3);
  });

  it('never goes elsewhere once it may have been received', async () => {
    const lost = scripted({ pay: { status: 'unknown', doubt: 'no-reply' } });
    const other = scripted({ pay: { status: 'succeeded' } });
    const { gateway } = await open({ channels: { lost: lost.channel, other: other.channel } });
    expect(await gateway.pay(order)).toMatchObject({ state: 'unknown', doubt: 'no-reply' });
    expect(other.heard).toHaveLength(0);
  });

  it('that was never sent ends by itself', async () => {
    const { channel } = scripted({ pay: new PolyrailError('NOT_SENT', 'No connection') });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await expect(gateway.pay(order)).rejects.toMatchObject({ code: 'NOT_SENT' });
    expect(await gateway.find('payment', 'order1')).toMatchObject({ state: 'created' });
    await clock.pass(16 * 60_000);
    const entry = await gateway.find('payment', 'order1');
    expect(entry).toMatchObject({ state: 'failed', proof: 'never-sent' });
  });

  const notThere = { status: 'unknown', doubt: 'not-found' } as const;
  it.each<[string, object, object]>([
    ['fails by the channel’s word', {}, { state: 'failed', proof: 'channel' }],
    ['fails where nobody knows it', { query: notThere }, { state: 'failed', proof: 'channel' }],
    [
      'succeeds if it was paid all the same',
      { query: { status: 'succeeded' } },
      { state: 'succeeded' },
    ],
    [
      'goes on if it was taken all the same',
      { query: { status: 'pending' } },
      { state: 'pending' },
    ],
  ])('that was refused %s', async (_, more, end) => {
    const one = scripted({ pay: refused(), ...more });
    const two = scripted({ pay: new PolyrailError('NOT_SENT', 'No connection'), query: notThere });
    const { gateway, clock } = await open({ channels: { one: one.channel, two: two.channel } });
    await expect(gateway.pay(order)).rejects.toMatchObject({ code: 'NOT_SENT' });
    await clock.pass(15 * 60_000);
    expect(await gateway.find('payment', 'order1')).toMatchObject(end);
    expect(two.heard.map(({ verb }) => verb)).toEqual(['pay']);
  });

  it('that was refused for its id is not taken for what stands under it', async () => {
    const reused = refused({ reason: 'id-reused' });
    const { channel, heard } = scripted({ pay: reused, query: { status: 'succeeded' } });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await expect(gateway.pay(order)).rejects.toBe(reused);
    await clock.pass(20 * 60_000);
    const entry = await gateway.find('payment', 'order1');
    expect(entry).toMatchObject({ state: 'failed', attempts: [{ reason: 'id-reused' }] });
    expect(heard.map(({ verb }) => verb)).toEqual(['pay']);
  });

  it('that was refused and cannot be asked about is not told again for that', async () => {
    const { channel, heard } = scripted({ pay: { status: 'succeeded' }, refund: refused() });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.pay(order);
    const refund = { payment: 'order1', merchantRefundId: 'refund1', amount: order.amount };
    await expect(gateway.refund(refund)).rejects.toMatchObject({ code: 'REFUSED' });
    await clock.pass(20 * 60_000);
    const entry = await gateway.find('refund', 'refund1');
    expect(entry).toMatchObject({ state: 'failed', proof: 'channel' });
    expect(heard.map(({ verb }) => verb)).toEqual(['pay', 'refund']);
  });

  it('that was refused is asked about, and not given up, when somebody looks at it', async () => {
    const { channel } = scripted({ pay: refused(), query: [notThere, { status: 'succeeded' }] });
    const { gateway } = await open({ channels: { one: channel } });
    await expect(gateway.pay(order)).rejects.toMatchObject({ code: 'REFUSED' });
    expect((await gateway.resolve('payment', 'order1'))?.state).toBe('created');
    expect((await gateway.resolve('payment', 'order1'))?.state).toBe('succeeded');
  });
});

describe('a route', () => {
  const three = () => ({
    a: scripted({ pay: { status: 'succeeded' } }).channel,
    b: scripted({ pay: { status: 'succeeded' } }).channel,
    c: scripted({ pay: { status: 'succeeded' } }).channel,
  });

  it('is the first rule that holds', async () => {
    const { gateway } = await open({
      channels: three(),
      route: [
        { when: { scene: 'barcode' }, channels: ['c'] },
        { when: { atLeast: 1000 }, channels: ['b'] },
        { channels: ['a'] },
      ],
    });
    const pay = async (id: string, more: object) =>
      (await gateway.pay({ ...order, merchantPaymentId: id, ...more } as typeof order)).channel;
    expect(await pay('o1', {})).toBe('a');
    expect(await pay('o2', { amount: money('10.00', 'CNY') })).toBe('b');
    expect(await pay('o3', { scene: 'barcode', authCode: '1' })).toBe('c');
  });

  it('may be a function that reads how channels fare', async () => {
    const { gateway } = await open({
      channels: three(),
      route: ({ channels, quality }) =>
        [...channels].sort((one, other) => quality(one).calls - quality(other).calls),
    });
    const used: (string | undefined)[] = [];
    for (const id of ['o1', 'o2', 'o3']) {
      used.push((await gateway.pay({ ...order, merchantPaymentId: id })).channel);
    }
    expect(used).toEqual(['a', 'b', 'c']);
    expect(gateway.quality()['a']).toMatchObject({ calls: 1, successRate: 1, unknownRate: 0 });
  });

  it('asks for a channel that is there, when the payer chose one', async () => {
    const { gateway } = await open({ channels: three() });
    for (const channel of ['d', 'constructor']) {
      await expect(gateway.pay(order, { channel })).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
        field: 'channel',
      });
    }
    expect((await gateway.pay(order, { channel: 'c' })).channel).toBe('c');
  });

  it('that leads nowhere says so and sends nothing', async () => {
    const { gateway } = await open({ channels: three() });
    const yen = { ...order, amount: money('990', 'JPY') };
    await expect(gateway.pay(yen)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('the risk hook', () => {
  const succeeding = () => scripted({ pay: { status: 'succeeded' } });

  it('blocks before anything is sent', async () => {
    const { channel, heard } = succeeding();
    const risk = { assess: () => 'block' as const };
    const { gateway } = await open({ channels: { one: channel }, risk });
    expect(await gateway.pay(order)).toMatchObject({
      state: 'failed',
      proof: 'risk',
      reason: 'risk-blocked',
    });
    expect(heard).toHaveLength(0);
  });

  it('challenges, and goes on when it is confirmed', async () => {
    const { channel, heard } = succeeding();
    const risk = { assess: () => 'challenge' as const };
    const { gateway } = await open({ channels: { one: channel }, risk });
    expect(await gateway.pay(order)).toMatchObject({ state: 'challenged', attempts: [] });
    expect(await gateway.pay(order)).toMatchObject({ state: 'challenged' });
    expect(heard).toHaveLength(0);
    const confirmed = await gateway.confirm('payment', 'order1', { verdict: 'pass' });
    expect(confirmed.state).toBe('succeeded');
  });

  it('has its challenge left open by whoever looks at it', async () => {
    const { channel } = succeeding();
    const { gateway } = await open({
      channels: { one: channel },
      risk: { assess: () => 'challenge' },
    });
    await gateway.pay(order);
    expect((await gateway.resolve('payment', 'order1'))?.state).toBe('challenged');
    const passed = await gateway.confirm('payment', 'order1', { verdict: 'pass' });
    expect(passed.state).toBe('succeeded');
  });

  it('keeps no secret for a challenge: the call is repeated', async () => {
    const { channel } = scripted({
      pay: { status: 'succeeded' },
      capabilities: { scenes: { pay: ['card'] } },
    });
    const risk = { assess: () => 'challenge' as const };
    const { gateway } = await open({ channels: { one: channel }, risk });
    const card = {
      ...order,
      scene: 'card',
      card: { number: secret('6222021234567890128') },
    } as const;
    await gateway.pay(card);
    expect(JSON.stringify(await gateway.history('payment', 'order1'))).not.toContain('62220212');
    const confirmed = await gateway.confirm('payment', 'order1', { verdict: 'pass' });
    expect(confirmed.state).toBe('created');
    expect((await gateway.pay(card)).state).toBe('succeeded');
  });

  it('asks again when another order comes under an id whose order was confirmed', async () => {
    const { channel, heard } = scripted({
      pay: { status: 'succeeded' },
      capabilities: { scenes: { pay: ['card'] } },
    });
    const asked: unknown[] = [];
    const assess = ({ request }: { readonly request: Readonly<Record<string, unknown>> }) => {
      asked.push(request['amount']);
      return 'challenge' as const;
    };
    const { gateway } = await open({ channels: { one: channel }, risk: { assess } });
    const card = { ...order, scene: 'card', card: { number: secret('6222021234567890128') } };
    const dear = { ...card, amount: money('9900.00', 'CNY') };
    await gateway.pay(card as Parameters<typeof gateway.pay>[0]);
    await gateway.confirm('payment', 'order1', { verdict: 'pass' });
    const entry = await gateway.pay(dear as Parameters<typeof gateway.pay>[0]);
    expect(entry).toMatchObject({ state: 'challenged', amount: dear.amount });
    expect([asked, heard]).toEqual([[card.amount, dear.amount], []]);
  });

  it('that takes too long gives the stated default', async () => {
    const { channel } = succeeding();
    const risk = { assess: () => new Promise<'pass'>(() => undefined), timeoutMs: 500 };
    const { gateway, clock } = await open({ channels: { one: channel }, risk });
    const paying = gateway.pay(order);
    await clock.pass(600);
    expect((await paying).state).toBe('challenged');
    await clock.pass(16 * 60_000);
    const entry = await gateway.find('payment', 'order1');
    expect(entry).toMatchObject({ state: 'failed', proof: 'risk' });
  });
});

describe('a channel the payer chose', () => {
  const two = () => ({
    one: scripted({ pay: { status: 'succeeded' } }),
    other: scripted({ pay: { status: 'succeeded' } }),
  });
  const channelsOf = ({ one, other }: ReturnType<typeof two>) => ({
    one: one.channel,
    other: other.channel,
  });

  it('takes the payment, and no other does', async () => {
    const away = scripted({ pay: new PolyrailError('NOT_SENT', 'The connection was refused') });
    const { one } = two();
    const { gateway } = await open({ channels: { one: one.channel, away: away.channel } });
    await expect(gateway.pay(order, { channel: 'away' })).rejects.toMatchObject({
      code: 'NOT_SENT',
    });
    expect([away.heard.length, one.heard.length]).toEqual([1, 0]);
    // Nothing was sent: the payer may choose again.
    expect((await gateway.pay(order, { channel: 'one' })).channel).toBe('one');
    await expect(gateway.pay(order, { channel: 'nobody' })).resolves.toMatchObject({
      state: 'succeeded',
    });
    const unheardOf = { ...order, merchantPaymentId: 'order2' };
    await expect(gateway.pay(unheardOf, { channel: 'nobody' })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      field: 'channel',
    });
  });

  it('takes it whatever the route says', async () => {
    const sites = two();
    const route = [{ channels: ['one'] }];
    const { gateway } = await open({ channels: channelsOf(sites), route });
    expect((await gateway.pay(order, { channel: 'other' })).channel).toBe('other');
    expect((await gateway.pay(tea('order2'))).channel).toBe('one');
  });

  it('is remembered while a challenge is open', async () => {
    const sites = two();
    const { gateway } = await open({
      channels: channelsOf(sites),
      risk: { assess: () => 'challenge' },
    });
    expect((await gateway.pay(order, { channel: 'other' })).state).toBe('challenged');
    const passed = await gateway.confirm('payment', 'order1', { verdict: 'pass' });
    expect(passed).toMatchObject({ state: 'succeeded', channel: 'other' });
    expect(sites.one.heard).toEqual([]);
  });
});
