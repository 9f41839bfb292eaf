import type { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import { createGathering } from '../src/postgres/gathering.ts';
import { namesOf } from '../src/postgres/schema.ts';
import { type Operation, statementMaker } from '../src/postgres/statements.ts';

interface Sent {
  /** Of the entries that are written. */
  readonly ids: readonly string[];
  answer(error?: Error): void;
}

const refusal = (code: string): Error =>
  Object.assign(new Error('no'), { severity: 'ERROR', code });

/** A database that answers when a test says so. */
function openGathering() {
  const sent: Sent[] = [];
  const query = ({ values }: { values: [string] }) =>
    new Promise<void>((resolve, reject) => {
      const operations = JSON.parse(values[0]) as Operation[];
      sent.push({
        ids: operations.map(([, , , id]) => String(id)),
        answer: (error) => (error === undefined ? resolve() : reject(error)),
      });
    });
  const pool = { query } as unknown as Pool;
  const writeTogether = createGathering(pool, statementMaker(namesOf('test')));
  const settled: string[] = [];
  const write = (id: string): void => {
    const told = (word: string) => () => void settled.push(`${id} ${word}`);
    writeTogether([['insertEntry', 'm', 'payment', id]]).then(told('written'), told('failed'));
  };
  const rest = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return { sent, settled, write, rest };
}

describe('what transactions write together', () => {
  it('is all that is ready at one moment, in the order in which everybody locks', async () => {
    const { sent, settled, write, rest } = openGathering();
    for (const id of ['c', 'a', 'b']) write(id);
    await rest();
    expect(sent.map(({ ids }) => ids)).toEqual([['a', 'b', 'c']]);
    expect(settled).toEqual([]);
    sent[0]?.answer();
    await rest();
    expect(settled.toSorted()).toEqual(['a written', 'b written', 'c written']);
  });

  it('is what came while the database was at work on two others', async () => {
    const { sent, write, rest } = openGathering();
    for (const id of ['a', 'b', 'c', 'd']) {
      write(id);
      await rest();
    }
    expect(sent.map(({ ids }) => ids)).toEqual([['a'], ['b']]);
    sent[1]?.answer();
    await rest();
    expect(sent.map(({ ids }) => ids)).toEqual([['a'], ['b'], ['c', 'd']]);
  });

  it('is at most so much', async () => {
    const { sent, write, rest } = openGathering();
    for (let id = 0; id < 70; id += 1) write(String(id));
    await rest();
    expect(sent.map(({ ids }) => ids.length)).toEqual([32, 32]);
    sent[0]?.answer();
    await rest();
    expect(sent.map(({ ids }) => ids.length)).toEqual([32, 32, 6]);
  });

  it('is written one by one where the database refuses all for one', async () => {
    const { sent, settled, write, rest } = openGathering();
    for (const id of ['a', 'b', 'c']) write(id);
    await rest();
    sent[0]?.answer(refusal('PR001'));
    for (const error of [undefined, refusal('PR001'), undefined]) {
      await rest();
      sent.at(-1)?.answer(error);
    }
    await rest();
    expect(sent.map(({ ids }) => ids)).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']]);
    expect(settled).toEqual(['a written', 'b failed', 'c written']);
  });

  it('is not written again where the connection was lost: it may stand already', async () => {
    const { sent, settled, write, rest } = openGathering();
    for (const id of ['a', 'b']) write(id);
    await rest();
    sent[0]?.answer(new Error('Connection terminated unexpectedly'));
    await rest();
    expect(sent).toHaveLength(1);
    expect(settled).toEqual(['a failed', 'b failed']);
  });
});
