/**
 * simulator · concern: whatever waits for a person to decide - an order, a hold, an agreement, a
 * payout - and the thumb that decides it.
 */
import { problem } from './problem.ts';
import type { Payer } from './simulator.ts';

export interface Concern {
  readonly noun: 'order' | 'authorization' | 'agreement' | 'payout';
  /** The merchant's number. */
  readonly id: string;
  /** What a code or a link to its page carries. */
  readonly ticket?: string;
  /** Minor units that a payer must mean who names an amount. */
  readonly amount?: number;
  state(): string;
  /** Waits for a decision. */
  isOpen(): boolean;
  /** Was agreed to: agreeing again changes nothing. */
  isAgreed(): boolean;
  /** Somebody looks at it and leaves. */
  look?(): void;
  approve(): void;
  /** @throws a steering problem where there is nothing to decline. */
  decline(): void;
  truth(): unknown;
}

/** A deed that the state of the concern does not allow. */
export const stuck = ({ noun, id, state }: Concern, deed: string): Error =>
  problem({ message: `The ${noun} ${id} is ${state()}: it cannot be ${deed}.`, status: 409 });

/** Minor units as a number, or a text of the main unit with a point and two digits. */
function requireAmount({ amount: asked }: Concern, amount: unknown): void {
  if (amount === undefined || amount === '' || asked === undefined) return;
  const text = String(amount);
  const meant = text.includes('.') ? Math.round(Number(text) * 100) : Number(text);
  if (meant === asked) return;
  const rule = `${asked} in minor units, or nothing: a payer pays what was asked`;
  const message = 'The amount is not that of the order.';
  throw problem({ field: 'amount', rule, message, status: 409 });
}

export interface ThumbOptions {
  /** Whatever has that number; the steering options may narrow it to a merchant. */
  find(id: string, options: Readonly<Record<string, unknown>>): readonly Concern[];
  /** What a number may be of, for whoever named one that is of nothing. */
  readonly rule: string;
}

/** The payer of a simulator: decides the open concern of a number, or the first one. */
export function createThumb({ find, rule }: ThumbOptions): Payer {
  const concernOf = (id: string, options: Readonly<Record<string, unknown>> = {}): Concern => {
    const all = find(id, options);
    const concern = all.find((one) => one.isOpen()) ?? all[0];
    if (concern !== undefined) return concern;
    const message = `Nothing here has the number ${JSON.stringify(id)}.`;
    throw problem({ field: 'id', rule, message, status: 404 });
  };
  return {
    async approve(id, options = {}) {
      const concern = concernOf(id, options);
      requireAmount(concern, options['amount']);
      // Pressing twice pays once.
      if (!concern.isAgreed()) concern.approve();
      return concern.truth();
    },
    async decline(id, options) {
      const concern = concernOf(id, options);
      concern.decline();
      return concern.truth();
    },
    async abandon(id) {
      const concern = concernOf(id);
      if (!concern.isOpen()) throw stuck(concern, 'abandoned');
      concern.look?.();
      return concern.truth();
    },
  };
}
