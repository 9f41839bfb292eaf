import type { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import { namesOf } from '../src/postgres/schema.ts';
import { statementMaker } from '../src/postgres/statements.ts';
import { createTogether } from '../src/postgres/together.ts';

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
      const { insertEntry = [] } = JSON.parse(values[0]) as Record<string, string[][]>;
      sent.push({
        ids: insertEntry.map(([, , id]) => String(id)),
        answer: (error) => (error === undefined ? resolve() : reject(error)),
      });
    });
  const pool = { query } as unknown as Pool;
  const together = createTogether(pool, statementMaker(namesOf('test')));
  const settled: string[] = [];
  const write = (id: string): void => {
    const told = (word: string) => () => void settled.push(`${id} ${word}`);
    together.write([['insertEntry', 'm', 'payment', id]]).then(told('written'), told('failed'));
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

  it('is what came while the database was at work on others', async () => {
    const { sent, write, rest } = openGathering();
    for (const id of ['a', 'b', 'c']) {
      write(id);
      await rest();
    }
    expect(sent.map(({ ids }) => ids)).toEqual([['a']]);
    sent[0]?.answer();
    await rest();
    expect(sent.map(({ ids }) => ids)).toEqual([['a'], ['b', 'c']]);
  });

  it('is at most so much, and nothing twice of one entry', async () => {
    const { sent, write, rest } = openGathering();
    for (let id = 10; id < 50; id += 1) write(String(id));
    write('10');
    await rest();
    expect(sent.map(({ ids }) => ids.length)).toEqual([32]);
    sent[0]?.answer();
    await rest();
    expect(sent[1]?.ids).toEqual(['10', '42', '43', '44', '45', '46', '47', '48', '49']);
  });

  it('keeps the order of what is written of one entry', async () => {
    const { sent, write, rest } = openGathering();
    for (const id of ['a', 'b', 'a', 'a']) write(id);
    for (let statement = 0; statement < 3; statement += 1) {
      await rest();
      sent.at(-1)?.answer();
    }
    await rest();
    expect(sent.map(({ ids }) => ids)).toEqual([['a', 'b'], ['a'], ['a']]);
  });

  it('is written by halves where the database refuses all for one', async () => {
    const { sent, settled, write, rest } = openGathering();
    for (const id of ['a', 'b', 'c', 'd']) write(id);
    for (const error of [
      refusal('PR001'),
      undefined,
      refusal('PR001'),
      refusal('PR001'),
      undefined,
    ]) {
      await rest();
      sent.at(-1)?.answer(error);
    }
    await rest();
    expect(sent.map(({ ids }) => ids.join(''))).toEqual(['abcd', 'ab', 'cd', 'c', 'd']);
    expect(settled).toEqual(['a written', 'b written', 'c failed', 'd written']);
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
