/** alipay simulator · room: what every handler works with. */
import type { Clearing, Exchange, KeyOptions, Notices, World } from '@polyrail/simulator';
import type { AgreementBook } from './agreement-book.ts';
import type { Authorization, AuthorizationBook, Changed } from './authorization-book.ts';
import type { Book } from './book.ts';
import type { Content, Envelope } from './envelope.ts';
import type { Funds } from './funds.ts';
import type { NodeMembers } from './json.ts';
import type { Merchant, Platform } from './merchants.ts';
import type { PayoutBook } from './payout-book.ts';
import type { SignType } from './seal.ts';

/** What no source tells of the V3 protocol. */
export interface V3Options {
  /** Validity of a request that names no `expired_seconds`. Default 600. */
  readonly expiredSeconds?: number;
  /**
   * Refuse a `timestamp` that is older than its validity, or as far ahead, by the virtual clock and
   * by wall time. Default true.
   */
  readonly checkTimestamp?: boolean;
  /** HTTP status of an error by its `code`, in place of the usual one. */
  readonly statuses?: Readonly<Record<string, number>>;
  /** HTTP status while the payer is asked to confirm (10003 of the other protocol). Default 200. */
  readonly pendingStatus?: number;
}

export interface AlipayOptions extends KeyOptions {
  /** Whether closing or cancelling an open trade notifies `TRADE_CLOSED`. Default true. */
  readonly tradeCloseNotifies?: boolean;
  /** Refuse requests whose timestamp (GMT+8) is farther from wall time. Default: never. */
  readonly clockSkewMs?: number;
  readonly v3?: V3Options;
  /** How long a paid trade may be refunded before it is finished. Default 365 days. */
  readonly refundWindowMs?: number;
  /** What a day without trades answers: an empty file, or `NO_BILL_DATA`. Default `file`. */
  readonly emptyBills?: 'file' | 'none';
  /** Fen on every merchant's account at the start. Default 1 000 000 yuan. */
  readonly openingBalance?: number;
  /** How long money is held before what is left goes back by itself. Default 360 days. */
  readonly authorizationLifeMs?: number;
  /** Columns of `signcustomer` bills: 16 in newer files. Default 12. */
  readonly fundsBillColumns?: 12 | 16;
  /** Whether transfers and their query are for certificate mode only. Default true. */
  readonly transfersNeedCertificates?: boolean;
  /** How long a payout to a bank card is under way. Default 30 minutes. */
  readonly payoutArrivalMs?: number;
  /** Where messages and whatever names no address of its own go. Default: nowhere. */
  readonly appGatewayUrl?: string;
  /**
   * A clearing house of this process, on the same clock: told of whatever crosses between Alipay
   * and the banks. Default: none.
   */
  readonly clearing?: Clearing;
}

export interface Room {
  readonly world: World;
  readonly options: AlipayOptions;
  readonly platform: Platform;
  readonly merchants: readonly Merchant[];
  readonly funds: Funds;
  readonly book: Book;
  readonly agreements: AgreementBook;
  readonly authorizations: AuthorizationBook;
  readonly payouts: PayoutBook;
  /** Tells of an authorization. */
  authorizationChanged(authorization: Authorization, changed: Changed): void;
  readonly notices: Notices;
  /** App gateways by app id, where they differ from the option. */
  readonly appGateways: Map<string, string>;
  /** Days whose bill was made available before its time. */
  readonly settled: Set<string>;
  /** Bill downloads handed out: file id → what it opens. */
  readonly downloads: Map<string, Download>;
}

export interface Download {
  readonly type: 'trade' | 'signcustomer';
  readonly merchant: Merchant;
  /** A day `YYYY-MM-DD` or a month `YYYY-MM`. */
  readonly date: string;
  readonly expiresAt: number;
  readonly spoil: 'truncated' | 'wrong-totals' | undefined;
}

/** One verified request. */
export interface Call extends Envelope {
  readonly method: string;
  /** The one whose orders they are: the app's own merchant, or the one it acts for. */
  readonly merchant: Merchant;
  readonly signType: SignType;
  readonly content: Content;
  /** Set when the request was encrypted. */
  readonly encryptKey?: string;
  readonly exchange: Exchange;
}

export type Handler = (call: Call, room: Room) => NodeMembers | Promise<NodeMembers>;
