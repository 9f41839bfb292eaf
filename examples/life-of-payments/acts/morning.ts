/** examples · morning: the channel's bill of the day, held against the merchant's own records. */
import {
  addMoney,
  dayOf,
  isPolyrailError,
  type Money,
  money,
  type StatementLine,
  sameMoney,
} from '@polyrail/core';
import { type Books, cancelKey, yuan } from '../books.ts';
import { hourMs, type Stage } from '../stage.ts';

interface Expected {
  readonly label: string;
  readonly amount: Money;
}

/** What the books say must stand in the bill, by a key that a line of it has, too. */
function expectedOf({ payments, returns }: Books): Map<string, Expected> {
  const expected = new Map<string, Expected>();
  for (const [id, { status, ref }] of payments) {
    if (status !== 'succeeded' || ref.amount === undefined) continue;
    expected.set(`in ${id}`, { label: id, amount: ref.amount });
  }
  for (const [id, { status, amount }] of returns) {
    if (status === 'succeeded') expected.set(`out ${id}`, { label: id, amount });
  }
  return expected;
}

/** A payment undone as a whole has no refund id in the bill. */
const keyOf = ({ direction, merchantId, merchantPaymentId }: StatementLine): string =>
  `${direction} ${merchantId ?? cancelKey(merchantPaymentId ?? '')}`;

const zero = money('0', 'CNY');

interface Matched {
  readonly lines: number;
  readonly strangers: readonly string[];
  readonly missing: readonly string[];
  readonly sums: Readonly<Record<'in' | 'out', Money>>;
}

async function match(stage: Stage, lines: AsyncIterable<StatementLine>): Promise<Matched> {
  const { narrator, shop } = stage;
  const expected = expectedOf(shop.books);
  const strangers: string[] = [];
  const sums = { in: zero, out: zero };
  let count = 0;
  for await (const line of lines) {
    count += 1;
    const key = keyOf(line);
    const ours = expected.get(key);
    const agrees = ours !== undefined && sameMoney(ours.amount, line.amount);
    if (!agrees) strangers.push(key);
    expected.delete(key);
    sums[line.direction] = addMoney(sums[line.direction], line.amount);
    const signed = `${line.direction === 'in' ? '+' : '-'}${yuan(line.amount)}`;
    const id = line.merchantPaymentId ?? line.merchantId ?? '';
    const note = agrees ? `✓ ${ours.label}` : '✗ not in our books';
    narrator.line({ actor: 'bill', verb: line.kind, id, status: signed.padStart(9), note });
  }
  return { lines: count, strangers, missing: [...expected.keys()], sums };
}

async function askTooEarly({ channel, narrator }: Stage, date: string): Promise<void> {
  try {
    await channel.statement({ kind: 'trade', date });
    narrator.check('There is no bill before the day is over', false);
  } catch (error) {
    if (!isPolyrailError(error)) throw error;
    const hours = (error.retryAfterMs ?? 0) / hourMs;
    const note = `${error.code}, retry in ${Math.round(hours)} h`;
    narrator.line({ actor: 'call', verb: 'statement', id: date, status: 'thrown', note });
    narrator.check('There is no bill before the day is over', error.code, 'NOT_READY');
  }
}

/** A bill that ends within a row ends with an error: nobody counts half a day as a whole one. */
async function cutShort({ channel, narrator, site }: Stage, date: string): Promise<void> {
  site.faults.arm({ fault: 'bill-truncated' });
  let lines = 0;
  try {
    for await (const _ of await channel.statement({ kind: 'trade', date })) lines += 1;
    narrator.check('A bill cut short is found out', false);
  } catch (error) {
    if (!isPolyrailError(error)) throw error;
    narrator.line({
      actor: 'call',
      verb: 'statement',
      id: date,
      status: 'thrown',
      note: error.code,
    });
    narrator.check(`A bill cut after ${lines} lines is found out`, error.code, 'REPLY_UNREADABLE');
  }
}

export async function nextMorning(stage: Stage): Promise<void> {
  const { channel, narrator, site, shop } = stage;
  narrator.act('The next morning: the bill');
  const date = dayOf(site.clock.now(), channel.capabilities.timeZone);
  await askTooEarly(stage, date);
  await stage.passTime(24 * hourMs, 'the night passes');
  await cutShort(stage, date);
  const statement = await channel.statement({ kind: 'trade', date });
  narrator.line({ actor: 'call', verb: 'statement', id: date, note: 'streams, line by line' });
  const found = await match(stage, statement);
  const expected = expectedOf(shop.books);
  narrator.check(`${found.lines} lines, all of them in our books`, found.strangers, []);
  narrator.check('Nothing of our books is missing', found.missing, []);
  const ours = { in: zero, out: zero };
  for (const [key, { amount }] of expected) {
    const direction = key.startsWith('in ') ? 'in' : 'out';
    ours[direction] = addMoney(ours[direction], amount);
  }
  const words = `${yuan(found.sums.in)} in, ${yuan(found.sums.out)} back`;
  narrator.check(`Their sums are ours: ${words}`, found.sums, ours);
}
