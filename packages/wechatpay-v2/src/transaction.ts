/**
 * wechatpay-v2 · transaction: reads what replies and notifications say about an order as a payment
 * (B4.4).
 */
import type { Evidence, Finding, Ref } from '@polyrail/core';
import { contradicts, fenOf, requiredFen, requiredText, textOf } from '@polyrail/kit/fields';
import { fromRejection, isDone } from './answer.ts';
import { tradeStateOf } from './codes.ts';
import type { Settings } from './config.ts';
import { type Message, momentOf, requireYuan, undocumentedState } from './messages.ts';
import { type Answer, type Crossing, party, type Wire } from './wire.ts';

type Paying = Finding<'payment'>;

/** Between two questions; the payer of a code has half a minute to enter a password (C6). */
export const pollAfterMs = 5000;

/** Who paid what, as far as it is told. */
export function paidFacts(fields: Message) {
  const id = textOf(fields, 'openid');
  return {
    paidAt: momentOf(fields, 'time_end'),
    payerAmount: fenOf(fields, 'cash_fee'),
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
    amount: requiredFen(fields, 'total_fee'),
    ...paidFacts(fields),
  };
}

/**
 * Quirk: an order that was undone is told alike whether it was paid; only what was paid has a
 * number.
 */
function revoked(fields: Message, evidence: Evidence, told: object): Paying {
  if (textOf(fields, 'transaction_id') === undefined) {
    return { status: 'failed', reason: 'cancelled', retry: 'new-id', ...told } as Paying;
  }
  const undone = { by: 'reversal', amount: requiredFen(fields, 'total_fee') } as const;
  return { ...fromPaid(fields, evidence), undone } as Paying;
}

/**
 * An order's state, queried or pushed, as a payment.
 *
 * Quirk: REFUND says that something was refunded, not how much.
 */
export function fromTransaction(fields: Message, evidence: Evidence): Paying {
  requireYuan(fields);
  const state = requiredText(fields, 'trade_state');
  const amount = fenOf(fields, 'total_fee');
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

export interface OrderRoom {
  readonly wire: Wire;
  readonly settings: Settings;
}

const isOrderNumber = (id: string): boolean => /^[0-9A-Za-z_\-|*]{6,32}$/.test(id);

/** Pure: the question about an order, by WeChat Pay's number where only that is known to be one. */
export function toQuery(payment: Ref<'payment'>, { settings }: Pick<OrderRoom, 'settings'>) {
  const { channelId, merchantId } = payment;
  const byNumber = channelId !== undefined && !isOrderNumber(merchantId);
  const name = byNumber ? { transaction_id: channelId } : { out_trade_no: merchantId };
  return { operation: 'orderquery', fields: { ...party(settings), ...name } } as const;
}

export function fromQuery(answer: Answer): Paying {
  if (!isDone(answer)) return fromRejection('orderquery', answer);
  return fromTransaction(answer.fields, answer.evidence);
}

export const askOrder = async (
  room: OrderRoom,
  payment: Ref<'payment'>,
  call: Crossing,
): Promise<Paying> => fromQuery(await room.wire.call(toQuery(payment, room), call));

/** An answer that is about this order, or says nothing of any. */
export function sameOrder(found: Paying, payment: Ref<'payment'>): Paying {
  if (found.merchantId === undefined || found.merchantId === payment.merchantId) return found;
  throw contradicts('The answer is about another order than the one asked about');
}

/** Whether an order's state says that something of it was given back. */
export const wasRefunded = ({ raw }: Paying): boolean =>
  typeof raw === 'object' && raw !== null && Reflect.get(raw, 'trade_state') === 'REFUND';
