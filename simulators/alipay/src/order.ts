/** alipay simulator · order: what a merchant asked for, what became of it, and its money. */
import type { Charset, Movement } from '@polyrail/simulator';
import type { Agreement } from './agreement-book.ts';
import { merchantAccount } from './funds.ts';
import type { Merchant, Payer } from './merchants.ts';
import type { SignType } from './seal.ts';

type TradeStatus = 'WAIT_BUYER_PAY' | 'TRADE_SUCCESS' | 'TRADE_FINISHED' | 'TRADE_CLOSED';
/**
 * `UNSCANNED`: a QR nobody scanned yet, so no trade exists. `VOID`: such a QR that expired or was
 * revoked; no trade will ever exist.
 */
export type OrderState = 'UNSCANNED' | 'VOID' | TradeStatus;
export type Product =
  | 'barcode'
  | 'precreate'
  | 'create'
  | 'page'
  | 'wap'
  | 'app'
  | 'deduction'
  | 'capture';
/** Who or what ended an order unpaid, or undid it. */
export type Ending = 'close' | 'cancel' | 'timeout' | 'payer' | 'refund';

/** What the merchant asked for. */
export interface Terms {
  readonly outTradeNo: string;
  /** Fen. */
  readonly total: number;
  readonly subject: string;
  readonly product: Product;
  readonly body?: string | undefined;
  readonly passbackParams?: string | undefined;
  readonly storeId?: string | undefined;
  readonly operatorId?: string | undefined;
  readonly terminalId?: string | undefined;
  readonly authCode?: string | undefined;
  /** When `time_expire` ends it, milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
  /** Life of the trade otherwise, from its creation. */
  readonly timeoutMs: number;
  /** Life of an unscanned QR. */
  readonly qrTimeoutMs?: number | undefined;
  readonly notifyUrl?: string | undefined;
  readonly returnUrl?: string | undefined;
  readonly charset: Charset;
  readonly signType: SignType;
  /** Asked for in certificate mode: so is what it tells signed. */
  readonly certificates: boolean;
}

/** `P`: at the bank. `S`: the bank took it. `F`: it went to the payer's balance instead. */
export interface DepositBack {
  status: 'P' | 'S' | 'F';
  bankAckAt?: number;
  readonly expectedAt: number;
}

export interface Refund {
  readonly outRequestNo: string;
  readonly amount: number;
  readonly reason?: string | undefined;
  readonly at: number;
  /** By `trade.cancel`, not by a refund call. */
  readonly cancelled: boolean;
  /** Of one that goes back by way of the payer's bank. */
  depositBack?: DepositBack;
  /** How many refund queries still do not see it. */
  hidden: number;
}

export interface Order {
  readonly merchant: Merchant;
  readonly terms: Terms;
  readonly createdAt: number;
  readonly payer: Payer;
  /** By which it is charged. */
  readonly agreement?: Agreement;
  /** The account it is paid from, where that is not the payer's: money held for this merchant. */
  readonly source?: string;
  /** What a QR or a cashier link carries. */
  readonly ticket: string;
  state: OrderState;
  tradeNo?: string;
  tradeCreatedAt?: number;
  paidAt?: number;
  closedAt?: number;
  endedBy?: Ending;
  /** Where the closing is told, if `trade.close` named another address. */
  closeNotifyUrl?: string;
  readonly refunds: Refund[];
  /** The ledger's movements for this order: the only source of its truth. */
  readonly movements: { readonly kind: 'pay' | 'refund'; readonly movement: Movement }[];
  /** A payer who has not decided yet decides after so many queries. */
  pending?: { queries: number; readonly outcome: 'paid' | 'closed' };
  /** An asynchronous deduction: accepted, to be carried out later. */
  accepted?: boolean;
  cancelTimer?: () => void;
}

/** What happened to money under one merchant order id. Amounts in fen. */
export interface Truth {
  readonly merchantId: string;
  readonly channelId?: string;
  readonly state: OrderState;
  /** How often the payer was debited. */
  readonly debits: number;
  readonly paid: number;
  /** How many refunds moved money. */
  readonly refunds: number;
  readonly refunded: number;
}

/** What a merchant may be told of. */
export type Change = 'paid' | 'refunded' | 'closed' | 'finished';

export const refundedOf = (order: Order): number =>
  order.refunds.reduce((sum, { amount }) => sum + amount, 0);
/** Waits for its payer. */
export const isOpen = ({ state }: Order): boolean =>
  state === 'UNSCANNED' || state === 'WAIT_BUYER_PAY';

/** What moved for an order, added up from its ledger movements. */
export function truthOf(order: Order): Truth {
  const { terms, tradeNo, state, movements } = order;
  const account = merchantAccount(order.merchant);
  const sums = { pay: 0, refund: 0 };
  for (const { kind, movement } of movements) {
    for (const line of movement.lines) {
      if (line.account === account) sums[kind] += kind === 'pay' ? line.amount : -line.amount;
    }
  }
  return {
    merchantId: terms.outTradeNo,
    ...(tradeNo === undefined ? {} : { channelId: tradeNo }),
    state,
    debits: movements.filter(({ kind }) => kind === 'pay').length,
    paid: sums.pay,
    refunds: movements.filter(({ kind }) => kind === 'refund').length,
    refunded: sums.refund,
  };
}
