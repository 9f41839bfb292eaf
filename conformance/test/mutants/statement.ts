/** Mutants for the laws of conformance/src/cases/statement.ts. */
import {
  type Channel,
  type Code,
  isPolyrailError,
  type Statement,
  type StatementLine,
  type StatementRequest,
} from '@polyrail/core';
import type { Mutant } from '../mutant.ts';

type Lines = AsyncIterable<StatementLine>;

/** A channel whose statements go through something. */
const through =
  (pass: (open: () => Promise<Statement>) => Promise<Lines>) =>
  (channel: Channel): object => ({
    ...channel,
    statement: (request: StatementRequest) =>
      pass(() => channel.statement?.(request) as Promise<Statement>),
  });

async function* nothing(): AsyncGenerator<StatementLine> {}

/** Takes an error for a day without business. */
const emptyOn = (code: Code) =>
  through(async (open) => {
    try {
      return await open();
    } catch (error) {
      if (isPolyrailError(error) && error.code === code) return nothing();
      throw error;
    }
  });

async function* without(lines: Lines, kind: StatementLine['kind']): AsyncGenerator<StatementLine> {
  for await (const line of lines) if (line.kind !== kind) yield line;
}

async function* doubled(lines: Lines): AsyncGenerator<StatementLine> {
  for await (const line of lines) yield* [line, line];
}

async function* untilItBreaks(lines: Lines): AsyncGenerator<StatementLine> {
  try {
    yield* lines;
  } catch {
    // As if this were the end.
  }
}

async function* atLeastOne(lines: Lines): AsyncGenerator<StatementLine> {
  let count = 0;
  for await (const line of lines) {
    count += 1;
    yield line;
  }
  if (count === 0) throw new Error('the file is empty');
}

async function collected(lines: Lines): Promise<Lines> {
  const kept: StatementLine[] = [];
  for await (const line of lines) kept.push(line);
  return {
    async *[Symbol.asyncIterator]() {
      yield* kept;
    },
  };
}

export const statementMutants: readonly Mutant[] = [
  {
    law: 'STMT-01',
    what: 'leaves refunds out of its statements',
    channel: through(async (open) => without(await open(), 'refund')),
  },
  {
    law: 'STMT-02',
    what: 'takes a file without lines for a broken one',
    channel: through(async (open) => atLeastOne(await open())),
  },
  {
    law: 'STMT-03',
    what: 'takes not there yet for no business',
    channel: emptyOn('NOT_READY'),
  },
  {
    law: 'STMT-04',
    what: 'takes a date that is none for a quiet day',
    channel: emptyOn('REQUEST_INVALID'),
  },
  {
    law: 'STMT-05',
    what: 'ends where the file breaks off',
    channel: through(async (open) => {
      try {
        return untilItBreaks(await open());
      } catch {
        return nothing();
      }
    }),
  },
  {
    law: 'STMT-06',
    what: 'adds nothing up',
    parts: () => ({ linesAddUp: () => true }),
  },
  {
    law: 'STMT-07',
    what: 'keeps the lines and gives them out again',
    channel: through(async (open) => collected(await open())),
  },
  {
    law: 'STMT-09',
    what: 'leaves payouts out of the statement of funds',
    channel: through(async (open) => without(await open(), 'payout')),
  },
  {
    law: 'STMT-09',
    what: 'leaves refunds out of the statement of funds',
    channel: through(async (open) => without(await open(), 'refund')),
  },
  {
    law: 'STMT-10',
    what: 'leaves payouts out of its statements',
    channel: through(async (open) => without(await open(), 'payout')),
  },
  {
    law: 'STMT-10',
    what: 'tells every line of its statements twice',
    channel: through(async (open) => doubled(await open())),
  },
  {
    law: 'STMT-08',
    what: 'takes silence for a quiet day',
    channel: emptyOn('UNAVAILABLE'),
  },
  {
    law: 'STMT-11',
    what: 'does not hold the file against its digest',
    parts: () => ({ isWhole: () => true }),
  },
];
