/** wechatpay simulator · concern: whatever waits for a person to decide, seen alike by payer and page. */
import type { Concern as Deed } from '@polyrail/simulator';
import type { Merchant } from './merchants.ts';

/** As the payer's thumb sees it, with what its page shows. */
export interface Concern extends Deed {
  readonly merchant: Merchant;
  /** For people: what it is about. */
  readonly title: string;
  truth(): object;
}
