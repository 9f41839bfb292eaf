import { describe, expect, it } from 'vitest';
import { type Concern, controlRequests, createThumb } from '../src/index.ts';
import { problemOf } from '../src/problem.ts';

type State = 'open' | 'agreed' | 'ended';

/** Something to decide that writes down what happens to it. */
function concernOf(id: string, first: State = 'open', amount?: number) {
  let state = first;
  const deeds: string[] = [];
  const become = (next: State, deed: string) => () => {
    deeds.push(deed);
    state = next;
  };
  const concern: Concern = {
    noun: 'order',
    id,
    ...(amount === undefined ? {} : { amount }),
    state: () => state,
    isOpen: () => state === 'open',
    isAgreed: () => state === 'agreed',
    look: become(first, 'look'),
    approve: become('agreed', 'approve'),
    decline: become('ended', 'decline'),
    truth: () => ({ id, state }),
  };
  return { concern, deeds };
}
const thumbOf = (...concerns: readonly Concern[]) =>
  createThumb({ find: (id) => concerns.filter((one) => one.id === id), rule: 'any number' });

describe('the thumb', () => {
  it('approves once, however often it presses', async () => {
    const { concern, deeds } = concernOf('o1');
    const thumb = thumbOf(concern);
    await thumb.approve('o1');
    expect(await thumb.approve('o1')).toEqual({ id: 'o1', state: 'agreed' });
    expect(deeds).toEqual(['approve']);
  });

  it('decides what is open, where a number is of several', async () => {
    const [ended, open] = [concernOf('o1', 'ended'), concernOf('o1')];
    await thumbOf(ended.concern, open.concern).decline('o1');
    expect([ended.deeds, open.deeds]).toEqual([[], ['decline']]);
  });

  it('looks and leaves only at what is open', async () => {
    const { concern, deeds } = concernOf('o1');
    await thumbOf(concern).abandon('o1');
    expect(deeds).toEqual(['look']);
    const late = thumbOf(concernOf('o2', 'ended').concern).abandon('o2');
    await expect(late).rejects.toThrow(/order o2 is ended: it cannot be abandoned/);
  });

  it.each([undefined, '', 900, '900', '9.00'])('pays what was asked: %j', async (amount) => {
    const { concern, deeds } = concernOf('o1', 'open', 900);
    await thumbOf(concern).approve('o1', { amount });
    expect(deeds).toEqual(['approve']);
  });

  it.each([901, '9.01', '9', 'nine'])('pays nothing else: %j', async (amount) => {
    const { concern, deeds } = concernOf('o1', 'open', 900);
    const paying = thumbOf(concern).approve('o1', { amount });
    const told = problemOf(await paying.catch((error: unknown) => error));
    expect(told).toMatchObject({ field: 'amount', status: 409 });
    expect(deeds).toEqual([]);
  });

  it('says what a number may be of', async () => {
    const told = problemOf(
      await thumbOf()
        .approve('o9')
        .catch((error: unknown) => error),
    );
    expect(told).toMatchObject({ field: 'id', rule: 'any number', status: 404 });
  });
});

it('control requests are templates over the routes of the chassis', () => {
  const { pay, settle } = controlRequests('http://127.0.0.1:1');
  expect(pay).toMatchObject({
    url: 'http://127.0.0.1:1/_sim/payer',
    body: 'id={tradeNo}&decision=approve',
  });
  expect(settle).toMatchObject({ url: 'http://127.0.0.1:1/_sim/settle', body: 'date={date}' });
});
