/** reference site · waiting: calls that acme only took on, and carries out later. */
import type { FaultRule } from '@polyrail/simulator';
import { flush } from './notification.ts';
import { refusalOf, refuse } from './refusal.ts';
import type { Call, Operation, Room } from './room.ts';

const usualMs = 60_000;

/** What may be taken on, and the member by which it is asked about until it is done. */
const ids: Readonly<Record<string, string>> = {
  'payments.create': 'paymentId',
  'holds.capture': 'paymentId',
  'refunds.create': 'refundId',
  'payments.cancel': 'cancelId',
  'holds.release': 'cancelId',
  'payouts.create': 'payoutId',
};
const questions: Readonly<Record<string, string>> = {
  'payments.query': 'paymentId',
  'refunds.query': 'refundId',
  'cancellations.query': 'cancelId',
  'payouts.query': 'payoutId',
};

/** Done when its time has come; what is refused then was never done. */
function carryOut(operation: Operation, call: Call, room: Room): void {
  const exchange = { ...call.exchange, fault: () => undefined };
  try {
    operation({ ...call, exchange }, room);
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
  }
  flush(room);
}

const delayOf = ({ delayMs }: FaultRule): number => delayMs ?? usualMs;

/** Carries out an operation; or, where the fault says so, says that it will. */
export function perform(
  { name, operation }: { readonly name: string; readonly operation: Operation },
  call: Call,
  room: Room,
): ReturnType<Operation> {
  const { exchange, fields, merchant } = call;
  const member = ids[name] ?? questions[name];
  const key = `${merchant.merchantId} ${member} ${String(fields[member ?? ''])}`;
  const accepted = refuse('ACCEPTED', 'It was taken on, and will be done');
  if (member !== undefined && room.waiting.has(key)) throw accepted;
  const slow = ids[name] === undefined ? undefined : exchange.fault('slow');
  if (slow === undefined) return operation(call, room);
  room.waiting.add(key);
  room.world.clock.schedule(delayOf(slow), () => {
    // Forgotten meanwhile with everything else.
    if (room.waiting.delete(key)) carryOut(operation, call, room);
  });
  throw accepted;
}
