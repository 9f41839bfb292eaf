/** reference channel · statement: the movements of a day, believed only when they are whole. */
import {
  type Call,
  epochMsOf,
  PolyrailError,
  type StatementLine,
  type StatementRequest,
} from '@polyrail/core';
import { fromRejection } from './answer.ts';
import { parseMessage, unreadable } from './messages.ts';
import type { Message, Parts } from './parts.ts';
import type { Totals } from './totals.ts';
import type { Wire } from './wire.ts';

const header = 'kind,paymentId,id,acmeId,direction,amount,currency,occurredAt';

const kinds = {
  payment: 'payment',
  refund: 'refund',
  cancel: 'cancellation',
  reversal: 'cancellation',
  payout: 'payout',
  // Money that came back: the direction tells.
  'payout-return': 'payout',
} as const;

/** Pure: one line. The parts of an amount that do not parse make the file unreadable. */
function fromLine(line: string, parts: Parts): StatementLine {
  const columns = line.split(',');
  const [kind = '', paymentId = '', id = '', acmeId = '', direction = ''] = columns;
  const [amount = '', currency = '', occurredAt = ''] = columns.slice(5);
  const isWay = direction === 'in' || direction === 'out';
  const isLine = columns.length === 8 && Object.hasOwn(kinds, kind) && isWay;
  if (!isLine || epochMsOf(occurredAt) === undefined) throw unreadable('A line is no line');
  return {
    kind: kinds[kind as keyof typeof kinds],
    merchantId: id,
    channelId: acmeId,
    ...(kind === 'payment' || paymentId === '' ? {} : { merchantPaymentId: paymentId }),
    amount: parts.parseAmount(amount, currency),
    direction,
    occurredAt,
    raw: { line },
  };
}

/** Pure: `total,3,CNY:34.56:12.00`. */
function fromTotals(line: string, parts: Parts): Totals {
  const [word, count, ...sums] = line.split(',');
  if (word !== 'total' || !/^\d{1,9}$/.test(count ?? '')) {
    throw unreadable('The statement ends without its totals: it is cut');
  }
  const entries = sums.map((sum) => {
    const [currency = '', paidIn = '', paidOut = ''] = sum.split(':');
    const read = (text: string): number => parts.parseAmount(text, currency).amount;
    return [currency, { in: read(paidIn), out: read(paidOut) }] as const;
  });
  return { count: Number(count), sums: Object.fromEntries(entries) };
}

function totalsOf(lines: readonly StatementLine[]): Totals {
  const sums: Record<string, { in: number; out: number }> = {};
  for (const { amount, direction } of lines) {
    const sum = sums[amount.currency] ?? { in: 0, out: 0 };
    sum[direction] += amount.amount;
    sums[amount.currency] = sum;
  }
  return { count: lines.length, sums };
}

/** Pure: every line of a file that is whole. */
export function fromStatement(text: string, parts: Parts): readonly StatementLine[] {
  const [first, ...rest] = text.split('\n');
  const [end, last = '', ...body] = rest.reverse();
  if (first !== header || end !== '') throw unreadable('The statement has another form');
  const told = fromTotals(last, parts);
  const lines = body.reverse().map((line) => fromLine(line, parts));
  if (parts.linesAddUp(told, totalsOf(lines))) return lines;
  throw unreadable('The lines of the statement do not add up to its totals');
}

/** Pure: why there is no statement. */
export function fromNoStatement(message: Message, date: string, parts: Parts): PolyrailError {
  const { code, retryAfterMs } = message;
  if (code === 'NOT_READY') {
    const wait = Number.isSafeInteger(retryAfterMs) ? { retryAfterMs: Number(retryAfterMs) } : {};
    return new PolyrailError('NOT_READY', `The statement of ${date} is not there yet`, {
      channelCode: code,
      ...wait,
    });
  }
  const finding = fromRejection<'payment'>('statements.download', message, parts);
  const doubt = finding.status === 'unknown' ? finding.doubt : 'unreadable-reply';
  const words = `acme answered statements.download with ${String(code)}`;
  return new PolyrailError('UNAVAILABLE', words, { doubt });
}

async function* each(lines: readonly StatementLine[]): AsyncGenerator<StatementLine> {
  yield* lines;
}

export function statementVerbs(wire: Wire, parts: Parts) {
  return {
    async statement({ kind, date }: StatementRequest, call: Call) {
      const text = await wire.fetchText('statements.download', { kind, date }, call);
      if (text.startsWith('{')) throw fromNoStatement(parseMessage(text), date, parts);
      return each(fromStatement(text, parts));
    },
  };
}
