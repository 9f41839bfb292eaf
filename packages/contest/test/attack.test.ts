import { expect, it } from 'vitest';
import { type Attack, type Contestant, examine, scoreOf, tableOf } from '../src/index.ts';

const flip: Attack<number> = { id: 'flip', lie: '9', source: 'x', attack: 9, twin: 1 };
const grown: Attack<number> = { ...flip, id: 'grown', believes: ({ amount = 0 }) => amount > 8 };

const contestant = (name: string, present: Contestant<number>['present']): Contestant<number> => ({
  name,
  present,
});
const careful = contestant('careful', async (told) => {
  if (told === 9) throw new Error('a lie');
  return { order: 'order_1', amount: told };
});
const careless = contestant('careless', async (amount) => ({ order: 'order_1', amount }));
const correcting = contestant('correcting', async () => ({ order: 'order_1', amount: 1 }));
const deaf = contestant('deaf', async () => ({}));
const absent = contestant('absent', () => undefined);

it('tells refusing the lie from refusing everything', async () => {
  const everybody = [careful, careless, correcting, deaf, absent];
  const [first, second] = await examine([flip, grown], everybody);
  expect(first?.verdicts).toEqual({
    careful: 'refused',
    careless: 'ACCEPTED',
    correcting: 'ACCEPTED',
    deaf: 'not offered',
    absent: 'not offered',
  });
  // What counts is the lie: who hands over the truth instead believed none.
  expect(second?.verdicts).toMatchObject({ correcting: 'refused', careless: 'ACCEPTED' });
});

it('counts what was offered, and shows it side by side', async () => {
  const rows = await examine([flip, grown], [careful, correcting, deaf]);
  expect(scoreOf(rows, 'correcting')).toEqual({ refused: 1, offered: 2 });
  expect(scoreOf(rows, 'deaf')).toEqual({ refused: 0, offered: 0 });
  expect(tableOf(rows, ['careful', 'correcting'])).toBe(
    [
      '| attack  | the lie | careful | correcting |',
      '| ------- | ------- | ------- | ---------- |',
      '| flip    | 9       | refused | ACCEPTED   |',
      '| grown   | 9       | refused | refused    |',
      '| refused |         | 2 of 2  | 1 of 2     |',
    ].join('\n'),
  );
});
