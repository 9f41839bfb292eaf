/** alipay simulator · concern: whatever waits for a person to decide, seen alike by payer and page. */
import { problem } from '@polyrail/simulator';
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

export interface Concern {
  readonly noun: 'order' | 'authorization' | 'agreement' | 'payout';
  readonly merchant: Merchant;
  /** The merchant's number. */
  readonly id: string;
  /** What a QR or a link to its page carries. */
  readonly ticket?: string;
  /** Fen that a payer must mean who names an amount. */
  readonly amount?: number;
  state(): string;
  /** Waits for a decision. */
  isOpen(): boolean;
  /** Was agreed to: agreeing again changes nothing. */
  isAgreed(): boolean;
  /** Somebody looks at it and leaves. */
  look(): void;
  approve(): void;
  /** @throws a steering problem where there is nothing to decline. */
  decline(): void;
  truth(): unknown;
  face?(): Face;
  /** Where the browser goes afterwards, signed. */
  back?(): string | undefined;
  phone?(): PhoneAnswer | undefined;
}

const nouns: Readonly<Record<Concern['noun'], string>> = {
  order: 'Order',
  authorization: 'Authorization',
  agreement: 'Agreement',
  payout: 'Payout',
};

/** A deed that the state of the concern does not allow. */
export const stuck = (concern: Concern, deed: string): Error =>
  problem({
    message: `${nouns[concern.noun]} ${concern.id} is ${concern.state()}: it cannot be ${deed}.`,
    status: 409,
  });
