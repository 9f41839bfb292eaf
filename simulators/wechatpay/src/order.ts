/** wechatpay simulator · order: what a merchant asked for, what became of it, and its money. */
import type { Movement } from '@polyrail/simulator';
import { merchantAccount } from './funds.ts';
import type { Merchant, Payer } from './merchants.ts';
import type { Voice } from './voice.ts';

export type TradeType = 'JSAPI' | 'NATIVE' | 'APP' | 'MWEB' | 'MICROPAY' | 'PAP' | 'PAYSCORE';
export type OrderState =
  | 'NOTPAY'
  | 'USERPAYING'
  | 'ACCEPT'
  | 'SUCCESS'
  | 'REFUND'
  | 'CLOSED'
  | 'REVOKED'
  | 'PAYERROR'
  | 'PAY_FAIL';

/** What the merchant asked for. */
export interface Terms {
  readonly outTradeNo: string;
  readonly appid: string;
  /** Fen. */
  readonly total: number;
  readonly description: string;
  readonly tradeType: TradeType;
  readonly attach?: string | undefined;
  readonly deviceInfo?: string | undefined;
  readonly openid?: string | undefined;
  readonly authCode?: string | undefined;
  readonly contractId?: string | undefined;
  readonly notifyUrl?: string | undefined;
  /** When `time_expire` ends it, milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
}

/** `PROCESSING`: the money left the merchant and has not arrived. `ABNORMAL`: it cannot. */
export type RefundState = 'PROCESSING' | 'SUCCESS' | 'ABNORMAL' | 'CLOSED';

export interface Refund {
  readonly outRefundNo: string;
  readonly refundId: string;
  readonly amount: number;
  readonly reason?: string | undefined;
  readonly notifyUrl?: string | undefined;
  /** Undoes a barcode payment, not asked for as a refund. */
  readonly reversal: boolean;
  readonly createdAt: number;
  readonly voice: Voice;
  state: RefundState;
  finishedAt?: number;
  cancelTimer?: () => void;
}

export interface Order {
  readonly merchant: Merchant;
  readonly terms: Terms;
  readonly voice: Voice;
  readonly createdAt: number;
  readonly payer: Payer;
  readonly expiresAt: number;
  prepayId: string;
  /** What a QR carries; a new one makes the old one worthless. */
  codeUrl: string;
  state: OrderState;
  transactionId?: string;
  paidAt?: number;
  closedAt?: number;
  readonly refunds: Refund[];
  /** The ledger's movements for this order: the only source of its truth. */
  readonly movements: { readonly kind: MoveKind; readonly movement: Movement }[];
  /** A payer who has not decided yet decides after so many queries. */
  pending?: { queries: number; readonly outcome: 'paid' | 'declined' };
  cancelTimer?: () => void;
}

/** A refund and what it is of. */
export interface Found {
  readonly order: Order;
  readonly refund: Refund;
}

/** `return`: a refund that could not be made came back to the merchant. */
export type MoveKind = 'pay' | 'refund' | 'arrive' | 'return';

/** What happened to money under one merchant order id. Amounts in fen. */
export interface Truth {
  readonly merchantId: string;
  readonly channelId?: string;
  readonly state: OrderState;
  /** How often the payer was debited. */
  readonly debits: number;
  readonly paid: number;
  /** How many refunds left the merchant's account and did not come back. */
  readonly refunds: number;
  readonly refunded: number;
  /** Of that, what has arrived at the payer. */
  readonly arrived: number;
}

/** What is under way to the payer or was returned. */
export const refundedOf = (order: Order): number =>
  order.refunds
    .filter(({ state }) => state !== 'CLOSED')
    .reduce((sum, { amount }) => sum + amount, 0);

/** Waits for its payer. */
export const isOpen = ({ state }: Order): boolean => state === 'NOTPAY' || state === 'USERPAYING';
export const isPaid = ({ state }: Order): boolean => state === 'SUCCESS' || state === 'REFUND';

/** What moved for an order, added up from its ledger movements. */
export function truthOf(order: Order): Truth {
  const { terms, transactionId, state, movements } = order;
  const account = merchantAccount(order.merchant);
  const sums = { pay: 0, refund: 0, return: 0, arrive: 0 };
  for (const { kind, movement } of movements) {
    for (const line of movement.lines) {
      if (kind === 'arrive' && line.amount > 0) sums.arrive += line.amount;
      else if (line.account === account) sums[kind] += Math.abs(line.amount);
    }
  }
  const count = (wanted: MoveKind) => movements.filter(({ kind }) => kind === wanted).length;
  return {
    merchantId: terms.outTradeNo,
    ...(transactionId === undefined ? {} : { channelId: transactionId }),
    state,
    debits: count('pay'),
    paid: sums.pay,
    refunds: count('refund') - count('return'),
    refunded: sums.refund - sums.return,
    arrived: sums.arrive,
  };
}
