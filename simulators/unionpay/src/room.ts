/** unionpay simulator · room: what every handler works with. */
import type { Clearing, KeyOptions, Notices, World } from '@polyrail/simulator';
import type { AgreementBook } from './agreement-book.ts';
import type { Book } from './book.ts';
import type { Funds } from './funds.ts';
import type { Merchant } from './merchants.ts';
import type { Platform } from './platform.ts';
import type { SmsDesk } from './sms.ts';
import type { Calendar } from './time.ts';

export interface UnionPayOptions extends KeyOptions {
  /** When a clearing day ends, `hh:mm` of Beijing. Default `23:00`. */
  readonly dayEndsAt?: string;
  /** How long the channel works on what it has accepted. Default 4 seconds; 0: not at all. */
  readonly arrivalMs?: number;
  /** Gaps between the deliveries of a notification. Default 1, 2, 4 and 5 minutes. */
  readonly notificationLadderMs?: readonly number[];
  /** Whether failed back transactions are told as well. Default true. */
  readonly tellsFailures?: boolean;
  /** Whether card numbers and phone numbers are encrypted in what is told. Default true. */
  readonly encrypts?: boolean;
  /** As in UnionPay's test environment, the SMS code 111111 always passes. Default true. */
  readonly testCodes?: boolean;
  /** Whether a query that names another time finds the order by its number. Default false. */
  readonly lenientQueries?: boolean;
  /** Which cards may be opened by a back request: in UnionPay's test only credit cards. */
  readonly backOpening?: 'any' | 'credit';
  /** What UnionPay keeps of a payment. Default 0.006. */
  readonly feeRate?: number;
  /** Fen on every merchant's account at the start. Default 1 000 000 yuan. */
  readonly openingBalance?: number;
  /**
   * A clearing house of this process, on the same clock: told of whatever crosses between UnionPay
   * and the banks of its cards, which join it. Default: none.
   */
  readonly clearing?: Clearing;
}

export interface Room {
  readonly world: World;
  readonly options: UnionPayOptions;
  readonly platform: Platform;
  readonly merchants: readonly Merchant[];
  readonly calendar: Calendar;
  readonly funds: Funds;
  readonly book: Book;
  readonly agreements: AgreementBook;
  readonly sms: SmsDesk;
  readonly notices: Notices;
  /** Clearing days that were closed by hand, and when: what came before is settled. */
  readonly settled: Map<string, number>;
}
