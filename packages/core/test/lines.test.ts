import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Batch, linesOf } from '../src/lines.ts';

async function listed<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

interface Watched {
  closed: number;
  over: boolean;
}

/** Batches of numbers; `fail` is the number that cannot be made. */
function linesFrom(batches: readonly (readonly number[])[], fail?: number) {
  const watched: Watched = { closed: 0, over: false };
  function* made(batch: readonly number[]): Batch<number> & Generator<number, undefined> {
    for (const line of batch) {
      if (line === fail) throw new Error(`no ${line}`);
      yield line;
    }
    return undefined;
  }
  async function* read(): AsyncGenerator<Batch<number>, undefined> {
    try {
      for (const batch of batches) {
        await Promise.resolve();
        yield made(batch);
      }
      return undefined;
    } finally {
      watched.closed += 1;
    }
  }
  return { watched, lines: linesOf(read(), () => watched.over) };
}

const batches = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { maxLength: 6 });

describe('lines out of batches', () => {
  it('are those of the batches, in their order', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (given) => {
        const { lines, watched } = linesFrom(given);
        expect(await listed(lines)).toEqual(given.flat());
        expect(watched.closed).toBe(1);
      }),
    );
  });

  it('come in order to one who asks without waiting', async () => {
    await fc.assert(
      fc.asyncProperty(batches, fc.array(fc.boolean()), async (given, waits) => {
        const { lines } = linesFrom(given);
        const asked: Promise<IteratorResult<number, undefined>>[] = [];
        for (const wait of [...waits, ...given.flat().map(() => false), false]) {
          const line = lines.next();
          asked.push(line);
          // An earlier one: those asked for since are still on their way.
          if (wait) await asked[asked.length >> 1];
        }
        const told = (await Promise.all(asked)).flatMap(({ done, value }) => (done ? [] : [value]));
        expect(told).toEqual(given.flat());
      }),
    );
  });

  it('end with what could not be made, and close what they come from', async () => {
    for (const fail of [1, 2, 3]) {
      const { lines, watched } = linesFrom([[1, 2], [3]], fail);
      await expect(listed(lines)).rejects.toThrow(`no ${fail}`);
      expect(watched.closed).toBe(1);
      expect(await lines.next()).toEqual({ done: true, value: undefined });
    }
  });

  it('close what they come from when they are left in the middle of a batch', async () => {
    const { lines, watched } = linesFrom([[1, 2, 3], [4]]);
    for await (const _line of lines) break;
    expect(watched.closed).toBe(1);
    expect(await lines.next()).toEqual({ done: true, value: undefined });
  });

  it('leave out the rest of a batch once it is over', async () => {
    const { lines, watched } = linesFrom([[1, 2, 3], [4]]);
    expect(await lines.next()).toEqual({ done: false, value: 1 });
    watched.over = true;
    expect(await lines.next()).toEqual({ done: true, value: undefined });
    expect(watched.closed).toBe(1);
  });
});
