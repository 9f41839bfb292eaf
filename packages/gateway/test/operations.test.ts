import { describe, expect, it } from 'vitest';
import { entriesOf, inOne, type Operation } from '../src/postgres/operations.ts';

const update = (id: string, version: number): Operation => [
  'updateEntry',
  'm',
  'payment',
  id,
  'pending',
  version,
  1,
  '{}',
];
const together = (...operations: Operation[]) => JSON.parse(inOne(operations));

describe('operations in one statement', () => {
  it('stand by their names, each kind in its order', () => {
    const facts: Operation[] = [
      ['appendFact', 'm', 'payment', 'a', 1, 'call', '1'],
      ['appendFact', 'm', 'payment', 'a', 1, 'call', '1'],
    ];
    expect(together(facts[0] as Operation, update('a', 2), facts[1] as Operation)).toEqual({
      appendFact: facts.map((fact) => fact.slice(1)),
      updateEntry: [update('a', 2).slice(1)],
    });
  });

  it('say of each entry and event the last word alone', () => {
    expect(together(update('a', 2), update('b', 2), update('a', 3))).toEqual({
      updateEntry: [update('b', 2).slice(1), update('a', 3).slice(1)],
    });
    const event = (status: string): Operation => ['updateEvent', 'evt_1', 1, status, 0];
    expect(together(event('waiting'), event('dead'))).toEqual({
      updateEvent: [['evt_1', 1, 'dead', 0]],
    });
  });

  it('schedule a job or take it off, whichever was said last', () => {
    const on: Operation = ['schedule', 'resolve', 'a', 5];
    const off: Operation = ['unschedule', 'resolve', 'a'];
    expect(together(on, off)).toEqual({ unschedule: [['resolve', 'a']] });
    expect(together(off, on)).toEqual({ schedule: [['resolve', 'a', 5]] });
    expect(together(on, ['unschedule', 'deliver', 'a'])).toEqual({
      schedule: [['resolve', 'a', 5]],
      unschedule: [['deliver', 'a']],
    });
  });

  it('name the entries that they lock, insert or change', () => {
    const others: Operation[] = [
      ['expectEntry', 'm', 'payment', 'a', 1],
      ['schedule', 'resolve', 'k', 5],
      ['insertEntry', 'm', 'refund', 'b', 'created', 1, 1, 1, '{}'],
    ];
    expect(entriesOf(others)).toEqual(['["m","payment","a"]', '["m","refund","b"]']);
  });
});
