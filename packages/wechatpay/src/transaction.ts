/** wechatpay · transaction: reads what replies and notifications say about an order as a payment (A5.4). */
import type { Evidence, Finding, Money } from '@polyrail/core';
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
import { requireOurs } from './partner.ts';

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
