/** The certificates UnionPay speaks with, and those of whoever poses as it. */
import { createVirtualClock, type World } from '@polyrail/simulator';
import { expect, it } from 'vitest';
import { createPlatform } from '../src/platform.ts';
import { startsAt } from './client.ts';

it('has those of strangers at hand on a clock that is alone, where a thread would decide what is first', async () => {
  const clock = createVirtualClock({ startAt: startsAt, frozen: true, alone: true });
  const platform = await createPlatform({ clock, wallNow: () => startsAt } as unknown as World, {});
  for (const make of [platform.foreign, platform.expired, platform.misnamed]) {
    const later = new Promise<'later'>((resolve) => setImmediate(resolve, 'later'));
    expect(await Promise.race([make(), later])).not.toBe('later');
  }
});
