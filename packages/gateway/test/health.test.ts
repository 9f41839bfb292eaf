import { PolyrailError } from '@polyrail/core';
import { afterEach, describe, expect, it } from 'vitest';
import { createHealth } from '../src/health.ts';
import { createManualClock, createOpener, type Said, scripted, tea } from './script.ts';

const { open, close } = createOpener();
afterEach(close);

const lost: Said = { status: 'unknown', doubt: 'no-reply' };

describe('the breaker', () => {
  it('spares a channel that does not answer: payments go to the next', async () => {
    const down = scripted({ pay: lost, query: lost });
    const up = scripted({ pay: { status: 'succeeded' } });
    const { gateway } = await open({
      channels: { down: down.channel, up: up.channel },
      breaker: { failures: 2, halfOpenAfterMs: 60_000 },
    });
    const used: (string | undefined)[] = [];
    for (const id of ['o1', 'o2', 'o3', 'o4']) used.push((await gateway.pay(tea(id))).channel);
    expect(used).toEqual(['down', 'down', 'up', 'up']);
    expect(gateway.quality()['down']?.circuit).toBe('open');
    expect(gateway.quality()['up']?.circuit).toBe('closed');
  });

  it('never stands between a payment and the question what became of it', async () => {
    const { channel } = scripted({ pay: lost, query: [lost, { status: 'succeeded' }] });
    const { gateway, clock } = await open({
      channels: { one: channel },
      breaker: { failures: 1, halfOpenAfterMs: 600_000 },
    });
    await gateway.pay(tea('o1'));
    await expect(gateway.pay(tea('o2'))).rejects.toMatchObject({
      code: 'NOT_SENT',
      reason: 'maintenance',
    });
    await clock.pass(30_000);
    expect((await gateway.find('payment', 'o1'))?.state).toBe('succeeded');
  });
});

describe('a circuit that was opened', () => {
  const place = { merchant: 'shop', channel: 'one' };
  const answered = async () => ({ status: 'succeeded' });
  const unanswered = async () => ({ status: 'unknown' });
  const isSpared = { code: 'NOT_SENT', reason: 'maintenance' };
  const opened = async () => {
    const clock = createManualClock();
    const health = createHealth({ clock, breaker: { failures: 1, halfOpenAfterMs: 60_000 } });
    const guard = (call: () => Promise<{ status: string }>) => health.guard(place, call);
    await guard(unanswered);
    return { clock, guard, circuit: () => health.quality('shop', 'one').circuit };
  };

  it('lets one call through when its time is over by the clock of the gateway, and closes by it', async () => {
    const { clock, guard, circuit } = await opened();
    await clock.pass(59_999);
    await expect(guard(answered)).rejects.toMatchObject(isSpared);
    await clock.pass(1);
    expect(await guard(answered)).toEqual({ status: 'succeeded' });
    expect(circuit()).toBe('closed');
  });

  it('spares the channel of all others until that one has ended, and as long again if it fails', async () => {
    const { clock, guard, circuit } = await opened();
    await clock.pass(60_000);
    const { promise, resolve } = Promise.withResolvers<{ status: string }>();
    const trial = guard(() => promise);
    await clock.pass(30_000);
    expect(circuit()).toBe('half-open');
    await expect(guard(answered)).rejects.toMatchObject(isSpared);
    resolve({ status: 'unknown' });
    expect(await trial).toEqual({ status: 'unknown' });
    await clock.pass(59_999);
    await expect(guard(answered)).rejects.toMatchObject(isSpared);
    await clock.pass(1);
    expect(await guard(answered)).toEqual({ status: 'succeeded' });
  });

  it('closes by a refusal, which is an answer, and not by what was never sent', async () => {
    const { clock, guard, circuit } = await opened();
    const invalid = new PolyrailError('REQUEST_INVALID', 'No');
    const refusal = new PolyrailError('REFUSED', 'No', { evidence: 'signed' });
    const throws = (error: Error) => guard(() => Promise.reject(error));
    await clock.pass(60_000);
    await expect(throws(invalid)).rejects.toBe(invalid);
    expect(circuit()).toBe('open');
    await clock.pass(60_000);
    await expect(throws(refusal)).rejects.toBe(refusal);
    expect(circuit()).toBe('closed');
  });
});

describe('the limit', () => {
  it('is of each second by the clock of the gateway', async () => {
    const { channel } = scripted({ pay: { status: 'succeeded' } });
    const { gateway, clock } = await open({ channels: { one: channel }, limit: { perSecond: 1 } });
    await clock.pass(400);
    await gateway.pay(tea('o1'));
    await expect(gateway.pay(tea('o2'))).rejects.toMatchObject({ retryAfterMs: 600 });
    await clock.pass(600);
    expect((await gateway.pay(tea('o3'))).state).toBe('succeeded');
  });

  it('of calls per second refuses before anything is sent, and says for how long', async () => {
    const { channel, heard } = scripted({ pay: { status: 'succeeded' } });
    const { gateway } = await open({ channels: { one: channel }, limit: { perSecond: 2 } });
    await gateway.pay(tea('o1'));
    await gateway.pay(tea('o2'));
    const third = await gateway.pay(tea('o3')).catch((error: unknown) => error as PolyrailError);
    expect(third).toMatchObject({ code: 'NOT_SENT', reason: 'rate-limited' });
    expect((third as PolyrailError).retryAfterMs).toBeGreaterThan(0);
    expect(heard).toHaveLength(2);
  });
});

describe('quality', () => {
  it('counts how calls ended, of the last minutes alone', async () => {
    const refusal = new PolyrailError('REFUSED', 'No', { evidence: 'signed' });
    const { channel } = scripted({ pay: [{ status: 'succeeded' }, lost, refusal] });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.pay(tea('o1'));
    await gateway.pay(tea('o2'));
    await expect(gateway.pay(tea('o3'))).rejects.toMatchObject({ code: 'REFUSED' });
    expect(gateway.quality()['one']).toMatchObject({
      calls: 3,
      successRate: 0.5,
      unknownRate: 1 / 3,
    });
    await clock.pass(10 * 60_000);
    // Only what the resolver asked about since then.
    expect(gateway.quality()['one']?.successRate).toBeUndefined();
  });
});
