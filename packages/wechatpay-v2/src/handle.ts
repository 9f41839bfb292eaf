/**
 * wechatpay-v2 · handle: what a reference must carry beside its ids, as an opaque versioned string.
 */
import { type Noun, PolyrailError, type Ref } from '@polyrail/core';

const version = 'w2';

const refuse = (noun: Noun): PolyrailError =>
  new PolyrailError(
    'REQUEST_INVALID',
    `handle must be the one this adapter gave with the ${noun}: pass its reference unchanged`,
    { field: 'handle' },
  );

/** Only a payment by code can be reversed. */
export const paymentHandle = (scene: string): string => `${version}|${scene}`;

/**
 * The scene; `undefined` for a reference that the merchant made by hand, or a notification told.
 */
export function readPaymentHandle(ref: Ref<Noun>): string | undefined {
  if (ref.handle === undefined) return undefined;
  const [, scene] = /^w2\|([a-z0-9-]{1,16})$/.exec(ref.handle) ?? [];
  if (scene === undefined) throw refuse('payment');
  return scene;
}

/** An agreement is asked about by its plan, beside the merchant's id (B10). */
export const agreementHandle = (planId: number | string): string => `${version}|plan|${planId}`;

export function readAgreementHandle(ref: Ref<'agreement'>): string | undefined {
  if (ref.handle === undefined) return undefined;
  const [, plan] = /^w2\|plan\|(\d{1,28})$/.exec(ref.handle) ?? [];
  if (plan === undefined) throw refuse('agreement');
  return plan;
}
