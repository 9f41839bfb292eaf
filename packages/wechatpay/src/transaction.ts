/** wechatpay · transaction: reads what replies and notifications say about an order as a payment (A5.4). */
import type { Evidence, Finding, Money, Ref } from '@polyrail/core';
import { bodyOf, fromRejection, isDone } from './answer.ts';
import { tradeStateOf } from './codes.ts';
import type { Settings } from './config.ts';
import {
  type Message,
  momentOf,
  moneyOf,
  objectOf,
  requiredMoney,
  requiredText,
  requireYuan,
  textOf,
  undocumentedState,
} from './messages.ts';
import { merchantFields, ordersPath, queryOf, requireOurs } from './partner.ts';
import type { Answer, Exchange } from './wire.ts';

type Paying = Finding<'payment'>;

/** Payments by code are asked about this often; older advice is five seconds (C6). */
export const pollAfterMs = 5000;

/** Who paid what, as far as it is told. */
function paidFacts(body: Message, amount: Message) {
  const { openid, sub_openid: sub, sp_openid: own } = objectOf(body, 'payer');
  const id = [openid, sub, own].find((value) => typeof value === 'string' && value !== '');
  return {
    paidAt: momentOf(body, 'success_time'),
    payerAmount: moneyOf(amount, 'payer_total'),
    payer: typeof id === 'string' ? { id } : undefined,
  };
}

/** Only what was paid has WeChat Pay's number. */
const wasPaid = (body: Message): boolean => textOf(body, 'transaction_id') !== undefined;

/** Whether something of a payment was refunded, as its state tells. */
export const isRefunded = ({ raw }: Paying): boolean =>
  tradeStateOf(String(Object(raw).trade_state)) === 'refunded';

/** Quirk: a reversed payment by code is told as one that never was, if it was not paid. */
function revoked(body: Message, amount: Money, told: object): Paying {
  if (wasPaid(body)) {
    const undone = { by: 'reversal', amount } as const;
    return { status: 'succeeded', amount, undone, ...told } as Paying;
  }
  return { status: 'failed', reason: 'cancelled', retry: 'new-id', amount, ...told } as Paying;
}

/**
 * An order's state, queried or pushed, as a payment.
 *
 * Quirk: REFUND says that something was refunded, not how much: the sum stands in no answer, so that
 * the payment is told as paid and `undone` stays away.
 */
export function fromTransaction(
  body: Message,
  { settings, evidence }: { readonly settings: Settings; readonly evidence: Evidence },
): Paying {
  requireOurs(body, settings);
  const amounts = objectOf(body, 'amount');
  requireYuan(amounts);
  const amount = requiredMoney(amounts, 'total');
  const state = requiredText(body, 'trade_state');
  const told = {
    evidence,
    raw: body,
    merchantId: requiredText(body, 'out_trade_no'),
    channelId: textOf(body, 'transaction_id'),
    amount,
  } as const;
  const words = { channelCode: state, channelMessage: textOf(body, 'trade_state_desc') };
  switch (tradeStateOf(state)) {
    case 'paid':
    case 'refunded':
      requiredText(body, 'transaction_id');
      return { status: 'succeeded', ...told, ...paidFacts(body, amounts) };
    case 'unpaid':
    case 'paying':
      return { status: 'pending', waitingFor: 'payer', pollAfterMs, ...told };
    case 'accepted':
      return { status: 'pending', waitingFor: 'channel', pollAfterMs, ...told };
    case 'closed':
      return { status: 'failed', reason: 'order-closed', retry: 'new-id', ...told, ...words };
    case 'revoked':
      return revoked(body, amount, { ...told, ...paidFacts(body, amounts) });
    case 'failed':
      return { status: 'failed', reason: 'other', retry: 'new-id', ...told, ...words };
    default:
      throw undocumentedState('trade_state', state);
  }
}

/** Where an order is found by the merchant's number. */
export const orderPath = (id: string, settings: Settings): string =>
  `${ordersPath(settings)}/out-trade-no/${encodeURIComponent(id)}`;

/** Pure: the question about an order, by WeChat Pay's number where only that is known to be one. */
export function toQuery(payment: Ref<'payment'>, settings: Settings): Exchange {
  const query = queryOf(merchantFields(settings));
  const { channelId } = payment;
  const byNumber = channelId !== undefined && !isOrderNumber(payment.merchantId);
  const path = byNumber
    ? `${ordersPath(settings)}/id/${encodeURIComponent(channelId)}`
    : orderPath(payment.merchantId, settings);
  return { operation: 'transactions.query', method: 'GET', target: `${path}${query}` };
}

const isOrderNumber = (id: string): boolean => /^[0-9A-Za-z_\-|*]{6,32}$/.test(id);

export function fromQuery(answer: Answer, settings: Settings): Paying {
  if (!isDone(answer)) return fromRejection('transactions.query', answer);
  return fromTransaction(bodyOf(answer), { settings, evidence: answer.evidence });
}
