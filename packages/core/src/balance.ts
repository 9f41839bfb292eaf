/** core · balance: what the channel holds for the merchant. */
import type { Instant } from './instant.ts';
import type { Money } from './money.ts';

export interface Balance {
  /** The channel's name of the account. */
  readonly account: string;
  readonly available: Money;
  readonly pending?: Money;
  readonly frozen?: Money;
  readonly asOf: Instant;
}
