/** wechatpay-v2 · transaction: reads what replies and notifications say about an order as a payment (B4.4). */
import type { Evidence, Finding } from '@polyrail/core';
import { tradeStateOf } from './codes.ts';
import {
  type Message,
  momentOf,
  moneyOf,
  requiredMoney,
  requiredText,
  requireYuan,
  textOf,
  undocumentedState,
} from './messages.ts';

type Paying = Finding<'payment'>;

/** Between two questions; the payer of a code has half a minute to enter a password (C6). */
export const pollAfterMs = 5000;

/** Who paid what, as far as it is told. */
export function paidFacts(fields: Message) {
  const id = textOf(fields, 'openid');
  return {
    paidAt: momentOf(fields, 'time_end'),
    payerAmount: moneyOf(fields, 'cash_fee'),
    payer: id === undefined ? undefined : { id },
  };
}

/** What was paid, of an answer that is about nothing else; it has WeChat Pay's number. */
export function fromPaid(fields: Message, evidence: Evidence): Paying {
  requireYuan(fields);
  return {
    status: 'succeeded',
    evidence,
    raw: fields,
    merchantId: requiredText(fields, 'out_trade_no'),
    channelId: requiredText(fields, 'transaction_id'),
    amount: requiredMoney(fields, 'total_fee'),
    ...paidFacts(fields),
  };
}

/** Quirk: an order that was undone is told alike whether it was paid; only what was paid has a number. */
function revoked(fields: Message, evidence: Evidence, told: object): Paying {
  if (textOf(fields, 'transaction_id') === undefined) {
    return { status: 'failed', reason: 'cancelled', retry: 'new-id', ...told } as Paying;
  }
  const undone = { by: 'reversal', amount: requiredMoney(fields, 'total_fee') } as const;
  return { ...fromPaid(fields, evidence), undone } as Paying;
}

/**
 * An order's state, queried or pushed, as a payment.
 *
 * Quirk: REFUND says that something was refunded, not how much: the sum stands in no answer, so that
 * the payment is told as paid and `undone` stays away.
 */
export function fromTransaction(fields: Message, evidence: Evidence): Paying {
  requireYuan(fields);
  const state = requiredText(fields, 'trade_state');
  const amount = moneyOf(fields, 'total_fee');
  const told = {
    evidence,
    raw: fields,
    merchantId: requiredText(fields, 'out_trade_no'),
    channelId: textOf(fields, 'transaction_id'),
    amount,
  } as const;
  const words = { channelCode: state, channelMessage: textOf(fields, 'trade_state_desc') };
  switch (tradeStateOf(state)) {
    case 'paid':
    case 'refunded':
      return fromPaid(fields, evidence);
    case 'unpaid':
    case 'paying':
      return { status: 'pending', waitingFor: 'payer', pollAfterMs, ...told };
    case 'accepted':
      return { status: 'pending', waitingFor: 'channel', pollAfterMs, ...told };
    case 'closed':
      return { status: 'failed', reason: 'order-closed', retry: 'new-id', ...told, ...words };
    case 'revoked':
      return revoked(fields, evidence, { ...told, ...words });
    case 'failed':
      return { status: 'failed', reason: 'other', retry: 'new-id', ...told, ...words };
    default:
      throw undocumentedState('trade_state', state);
  }
}
