/** wechatpay · handle: what a reference must carry beside its ids, as an opaque versioned string. */
import { type Noun, PolyrailError, type Ref } from '@polyrail/core';

const version = 'w1';

const refuse = (noun: Noun): PolyrailError =>
  new PolyrailError(
    'REQUEST_INVALID',
    `handle must be the one this adapter gave with the ${noun}: pass its reference unchanged`,
    { field: 'handle' },
  );

/** Only a payment by code can be reversed. */
export const paymentHandle = (scene: string): string => `${version}|${scene}`;

/** The scene; `undefined` for a reference that the merchant made by hand, or a notification told. */
export function readPaymentHandle(ref: Ref<Noun>): string | undefined {
  if (ref.handle === undefined) return undefined;
  const [, scene] = /^w1\|([a-z0-9-]{1,16})$/.exec(ref.handle) ?? [];
  if (scene === undefined) throw refuse('payment');
  return scene;
}

/** An agreement is asked about by its plan, beside the merchant's id (A11.3). */
export const agreementHandle = (planId: number): string => `${version}|plan|${planId}`;

export function readAgreementHandle(ref: Ref<'agreement'>): number | undefined {
  if (ref.handle === undefined) return undefined;
  const [, plan] = /^w1\|plan\|(\d{1,16})$/.exec(ref.handle) ?? [];
  if (plan === undefined) throw refuse('agreement');
  return Number(plan);
}

/**
 * A pay-score order is asked about by its service (A11.5). Revoked, it does not tell whether its payer
 * had agreed: who saw that keeps it.
 */
export interface HoldHandle {
  readonly serviceId: string;
  readonly granted: boolean;
}

export const holdHandle = ({ serviceId, granted }: HoldHandle): string =>
  `${version}|hold|${serviceId}|${granted ? 'granted' : 'asked'}`;

export function readHoldHandle(ref: Ref<'authorization'>): HoldHandle | undefined {
  if (ref.handle === undefined) return undefined;
  const [, serviceId, word] =
    /^w1\|hold\|([0-9A-Za-z]{1,32})\|(granted|asked)$/.exec(ref.handle) ?? [];
  if (serviceId === undefined) throw refuse('authorization');
  return { serviceId, granted: word === 'granted' };
}

/** What was captured has no number of its own: it is the end of an order. */
export interface CaptureHandle {
  readonly serviceId: string;
  readonly order: string;
}

export const captureHandle = ({ serviceId, order }: CaptureHandle): string =>
  `${version}|capture|${serviceId}|${order}`;

/** `undefined` for a payment that is no capture. */
export function readCaptureHandle(ref: Ref<'payment'>): CaptureHandle | undefined {
  if (!ref.handle?.startsWith(`${version}|capture|`)) return undefined;
  const [, serviceId, order] =
    /^w1\|capture\|([0-9A-Za-z]{1,32})\|([0-9A-Za-z_\-|*]{1,32})$/.exec(ref.handle) ?? [];
  if (serviceId === undefined || order === undefined) throw refuse('payment');
  return { serviceId, order };
}
