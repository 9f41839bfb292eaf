/** wechatpay simulator · concern: whatever waits for a person to decide, seen alike by payer and page. */
import { problem } from '@polyrail/simulator';
import type { Merchant } from './merchants.ts';

export interface Concern {
  readonly noun: 'order' | 'authorization' | 'agreement' | 'payout';
  readonly merchant: Merchant;
  /** The merchant's number. */
  readonly id: string;
  /** For people: what it is about. */
  readonly title: string;
  /** What a link to its page carries. */
  readonly ticket?: string;
  /** Fen that a payer must mean who names an amount. */
  readonly amount?: number;
  state(): string;
  /** Waits for a decision. */
  isOpen(): boolean;
  /** Was agreed to: agreeing again changes nothing. */
  isAgreed(): boolean;
  approve(): void;
  /** @throws a steering problem where there is nothing to decline. */
  decline(): void;
  truth(): object;
}

/** A deed that the state of the concern does not allow. */
export const stuck = ({ noun, id, state }: Concern, deed: string): Error =>
  problem({ message: `The ${noun} ${id} is ${state()}: it cannot be ${deed}.`, status: 409 });
