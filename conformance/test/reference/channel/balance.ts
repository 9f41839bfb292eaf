/** reference channel · balance: what acme holds for the merchant, one account for each currency. */
import { type Balance, type Call, PolyrailError } from '@polyrail/core';
import { fromRejection, isRejection } from './answer.ts';
import { momentOf, requiredAmount, requiredText, unreadable } from './messages.ts';
import type { Message, Parts } from './parts.ts';
import type { Wire } from './wire.ts';

const isMessage = (value: unknown): value is Message => typeof value === 'object' && value !== null;

/** Pure: the accounts of a merchant. */
export function fromBalances(message: Message, parts: Parts): readonly Balance[] {
  if (isRejection(message)) throw unanswered(message, parts);
  const { balances } = message;
  const asOf = momentOf(message, 'at');
  if (!Array.isArray(balances) || asOf === undefined) throw unreadable('No balances are told');
  return balances.map((told: unknown) => {
    if (!isMessage(told)) throw unreadable('A balance is none');
    const available = requiredAmount(told, 'available', parts);
    return { account: requiredText(told, 'currency'), available, asOf };
  });
}

/** A refusal throws by itself; whatever else is told in place of balances is no answer. */
function unanswered(message: Message, parts: Parts): PolyrailError {
  const finding = fromRejection<'payment'>('balances.query', message, parts);
  const doubt = finding.status === 'unknown' ? finding.doubt : 'unreadable-reply';
  const words = `acme answered balances.query with ${String(message['code'])}`;
  return new PolyrailError('UNAVAILABLE', words, { doubt });
}

/** The verb of this file, strung on the wire. */
export function balanceVerbs(wire: Wire, parts: Parts) {
  return {
    async balance(call: Call): Promise<readonly Balance[]> {
      return fromBalances(await wire.call('balances.query', {}, call), parts);
    },
  };
}
