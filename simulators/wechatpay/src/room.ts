/** wechatpay simulator · room: what every handler works with. */
import type { Clearing, KeyOptions, Notices, World } from '@polyrail/simulator';
import type { Agreement, AgreementBook } from './agreement-book.ts';
import type { Book } from './book.ts';
import type { Funds } from './funds.ts';
import type { Limits } from './limits.ts';
import type { KeyMode, Merchant, Platform } from './merchants.ts';
import type { Order } from './order.ts';
import type { PayoutBook } from './payout-book.ts';
import type { ScoreBook } from './score-book.ts';
import type { Download } from './statement.ts';
import type { Algorithm } from './v3-suite.ts';

export interface WechatPayOptions extends KeyOptions {
  /** By what the first merchant recognizes the platform. Default `both`. */
  readonly keys?: KeyMode;
  /**
   * With which cryptography API v3 is spoken: `SM` is SM2 with SM3 and SM4-GCM, by invitation.
   * Default `RSA`.
   */
  readonly algorithm?: Algorithm;
  /** Whether 4xx and 5xx of v3 are signed, too. Default false. */
  readonly signErrors?: boolean;
  /** Whether v3 takes barcodes, which no guide since 2026 offers. Default false. */
  readonly codepay?: boolean;
  /** How many answers and callbacks of v3 carry a signature that cannot verify, 0 to 1. Default 0. */
  readonly probeRate?: number;
  /** Whether members nobody documented are refused outside transfers as well. Default false. */
  readonly strictMembers?: boolean;
  /** Whether the limits of requests per second are kept. Default false. */
  readonly rateLimits?: boolean;
  /** How long a refund is under way. Default 3 seconds. */
  readonly refundArrivalMs?: number;
  /** Least time between two refunds of one order. Default 0; documented is a minute. */
  readonly refundIntervalMs?: number;
  /** How long a deduction that was accepted takes; 0 carries it out at once. Default 2 seconds. */
  readonly deductionMs?: number;
  /** How long a transfer waits for its payee. Default 24 hours. */
  readonly transferLifeMs?: number;
  /** Fen on every merchant's account at the start. Default 1 000 000 yuan. */
  readonly openingBalance?: number;
  /**
   * A clearing house of this process, on the same clock: told of whatever crosses between WeChat
   * Pay and the banks. Default: none.
   */
  readonly clearing?: Clearing;
}

export interface Room {
  readonly world: World;
  readonly options: WechatPayOptions;
  readonly platform: Platform;
  readonly merchants: readonly Merchant[];
  readonly funds: Funds;
  readonly book: Book;
  readonly payouts: PayoutBook;
  readonly agreements: AgreementBook;
  readonly scores: ScoreBook;
  /** Orders whose payment signs a contract. */
  readonly signedBy: WeakMap<Order, Agreement>;
  readonly notices: Notices;
  /** Days whose bill was made available before its time. */
  readonly settled: Set<string>;
  /** Bill downloads handed out: token → what it opens. */
  readonly downloads: Map<string, Download>;
  readonly limits: Limits;
  /** Requests that were answered with a probe: never the same one twice. */
  readonly probed: Set<string>;
}
