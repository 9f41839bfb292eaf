/** alipay simulator · concern: whatever waits for a person to decide, seen alike by payer and page. */
import type { Concern as Deed } from '@polyrail/simulator';
import type { NodeMembers } from './json.ts';
import type { Merchant } from './merchants.ts';

/** What a page shows of a concern. */
export interface Face {
  readonly title: string;
  /** Fen. */
  readonly amount?: number;
  readonly rows: readonly (readonly [label: string, value: string])[];
  /** What the button that agrees says. */
  readonly yes: string;
  /** Of a decided one: how it ended, and whether well. */
  readonly verdict: string;
  readonly good: boolean;
}

/** What the phone hands the merchant's app once the payer agreed. */
export interface PhoneAnswer {
  readonly member: string;
  readonly node: NodeMembers;
}

/** As the payer's thumb sees it, with what its page and the phone show. */
export interface Concern extends Deed {
  readonly merchant: Merchant;
  look(): void;
  face?(): Face;
  /** Where the browser goes afterwards, signed. */
  back?(): string | undefined;
  phone?(): PhoneAnswer | undefined;
}
