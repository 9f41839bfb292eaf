/** gateway · test: what is listed, page by page. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Entry } from '../src/index.ts';
import { createOpener, scripted, tea } from './script.ts';

const { open, close } = createOpener();
afterEach(close);

const openThree = async () => {
  const { channel } = scripted({ pay: { status: 'succeeded' } });
  const { gateway } = await open({ channels: { one: channel } });
  for (const id of ['a', 'b', 'c']) await gateway.pay(tea(id));
  return gateway;
};

describe('entries', () => {
  it('are listed from the newest on, and none of one moment is left out between two pages', async () => {
    const gateway = await openThree();
    const first = await gateway.list({ noun: 'payment', limit: 2 });
    const before = first.at(-1) as Entry;
    const second = await gateway.list({ noun: 'payment', limit: 2, before });
    expect([first, second].map((page) => page.map(({ id }) => id))).toEqual([['c', 'b'], ['a']]);
  });

  it('are those of every merchant, unless one is named', async () => {
    const { channel } = scripted({ pay: { status: 'succeeded' } });
    const { gateway } = await open({ channels: () => ({ one: channel }) });
    for (const merchant of ['m', 'n']) await gateway.pay(tea(), { merchant });
    const merchantsOf = (page: readonly Entry[]) => page.map(({ merchant }) => merchant);
    expect(merchantsOf(await gateway.list())).toEqual(['n', 'm']);
    expect(merchantsOf(await gateway.list({ merchant: 'm' }))).toEqual(['m']);
  });

  it('that do not exist begin no page', async () => {
    const gateway = await openThree();
    const before = { merchant: 'default', noun: 'payment', id: 'nobody' } as const;
    await expect(gateway.list({ before })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      message: 'There is no payment nobody',
    });
  });

  it.each([0, -1, 1.5, 1001])(
    'are not listed %d at once, and neither are dead letters',
    async (limit) => {
      const gateway = await openThree();
      const refusal = {
        code: 'REQUEST_INVALID',
        field: 'limit',
        message: 'limit must be a whole number from 1 to 1000',
      };
      await expect(gateway.list({ limit })).rejects.toMatchObject(refusal);
      await expect(gateway.deadLetters({ limit })).rejects.toMatchObject(refusal);
    },
  );
});
