import { PolyrailError } from '@polyrail/core';
import { afterEach, describe, expect, it } from 'vitest';
import { createOpener, type Said, scripted, tea } from './script.ts';

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

describe('the limit', () => {
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
