/** unionpay simulator · entry: how a call becomes an entry of the funds table. */
import type { Call } from './call.ts';
import { refuse } from './codes.ts';
import { newTrace, unique } from './numbers.ts';
import { parseTime } from './time.ts';
import type { Kind, Terms, Transaction } from './transaction.ts';

/** An entry under the number and time of this call. */
export const known = ({ fields, merchant, room }: Call): Transaction | undefined =>
  room.book.find(merchant, fields['orderId'] ?? '', fields['txnTime'] ?? '');

/** Whatever moves money shares one table: a number with its time is used once. */
export function requireFresh(call: Call): void {
  if (known(call) !== undefined) throw refuse('12', '2010002');
}

export function termsOf({ fields, face }: Call, kind: Kind): Terms {
  const { payTimeout = '', currencyCode = '156', channelType = '07' } = fields;
  return {
    kind,
    orderId: fields['orderId'] ?? '',
    txnTime: fields['txnTime'] ?? '',
    txnType: fields['txnType'] ?? '',
    txnSubType: fields['txnSubType'] ?? '',
    bizType: fields['bizType'] ?? '',
    channelType,
    amount: Number(fields['txnAmt']),
    currency: currencyCode,
    backUrl: fields['backUrl'],
    frontUrl: fields['frontUrl'],
    orderDesc: fields['orderDesc'],
    reqReserved: fields['reqReserved'],
    reserved: fields['reserved'],
    expiresAt: payTimeout === '' ? undefined : parseTime(payTimeout),
    front: face !== 'back',
  };
}

/** A new entry that waits for its payer. */
export function enter(
  call: Call,
  kind: Kind,
  more: {
    readonly original?: Transaction;
    readonly ticket?: string;
    readonly opens?: boolean;
  } = {},
): Transaction {
  const { room, merchant, voice } = call;
  const { original, ticket, opens = false } = more;
  const terms = { ...termsOf(call, kind), opens };
  return room.book.open({ merchant, terms, voice, original, ticket });
}

/** A payment order number for a phone: built like a query id. */
export function newTn({ fields, room }: Call): string {
  const numbers = room.world.random.fork('tn');
  const taken = { has: (tn: string) => room.book.findTicket(tn) !== undefined };
  return unique(() => newTrace(numbers, fields['txnTime'] ?? '').queryId, taken);
}

/** The entry that `origQryId` names. Quirk: an unknown one is told before anything else is. */
export function originalOf({ fields, merchant, room }: Call): Transaction {
  const found = room.book.findQueryId(merchant, fields['origQryId'] ?? '');
  if (found === undefined) throw refuse('35', '2011001');
  return found;
}

/** Whether the day of an entry has ended, or was closed by hand since. */
export function isSettled({ settleDay, finishedAt = 0 }: Transaction, { room }: Call): boolean {
  if (settleDay === undefined) return false;
  const closedAt = room.settled.get(settleDay) ?? Number.NEGATIVE_INFINITY;
  return settleDay < room.calendar.dayOf(room.world.clock.now()) || closedAt >= finishedAt;
}
