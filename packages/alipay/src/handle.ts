/** alipay · handle: what a reference must carry beside its ids, as an opaque versioned string. */
import { type Noun, PolyrailError, type Ref } from '@polyrail/core';

const version = 'a1';

/** How a payment was started, and until when its payer may hold a working link; 0: no link. */
export interface PaymentHandle {
  readonly scene: string;
  /** Milliseconds since the epoch; `Infinity` when nothing ends the link. */
  readonly linkUntilMs: number;
}

const refuse = (noun: Noun): PolyrailError =>
  new PolyrailError(
    'REQUEST_INVALID',
    `handle must be the one this adapter gave with the ${noun}: pass its reference unchanged`,
    { field: 'handle' },
  );

export const paymentHandle = ({ scene, linkUntilMs }: PaymentHandle): string =>
  [version, scene, linkUntilMs === Number.POSITIVE_INFINITY ? 'open' : linkUntilMs].join('|');

/** `undefined` for a reference that the merchant made by hand. */
export function readPaymentHandle(ref: Ref<Noun>): PaymentHandle | undefined {
  if (ref.handle === undefined) return undefined;
  const [, scene, until] = /^a1\|([a-z0-9-]+)\|(open|\d{1,16})$/.exec(ref.handle) ?? [];
  if (scene === undefined || until === undefined) throw refuse('payment');
  return { scene, linkUntilMs: until === 'open' ? Number.POSITIVE_INFINITY : Number(until) };
}

/** Refunds and cancellations are asked about through the trade they undo. */
export const tradeHandle = (merchantPaymentId: string): string => `${version}|${merchantPaymentId}`;

/** @throws PolyrailError `REQUEST_INVALID` when the reference does not say which trade it is about */
export function readTradeHandle(ref: Ref<Noun>): string {
  const [, id] = /^a1\|([^|]{1,64})$/.exec(ref.handle ?? '') ?? [];
  if (id === undefined) throw refuse(ref.noun);
  return id;
}
