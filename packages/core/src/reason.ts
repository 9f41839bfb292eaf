/** core · reason: the closed lists that errors and outcomes share. Adding a word is a contract change. */

/** Why a channel refused or declined. One list for thrown `REFUSED` and returned `failed`. */
export const reasons = [
  'insufficient-funds',
  'merchant-funds',
  'limit-exceeded',
  'payer-declined',
  'payer-unverified',
  'instrument-invalid',
  'payee-invalid',
  'order-expired',
  'order-closed',
  'cancelled',
  'already-paid',
  'id-reused',
  'window-passed',
  'refund-exceeds',
  'agreement-inactive',
  'credential-invalid',
  'permission-denied',
  'risk-blocked',
  'rate-limited',
  'maintenance',
  'parameter-invalid',
  'other',
] as const;
export type Reason = (typeof reasons)[number];

/** Why we do not know what became of a call. */
export const doubts = [
  'no-reply',
  'server-error',
  'unreadable-reply',
  'unverified-reply',
  'contradicts-request',
  'repeated-id',
  'not-found',
  'defect',
] as const;
export type Doubt = (typeof doubts)[number];

/**
 * How we know. `signed`: the channel's signature over these bytes. `transport`: TLS to the
 * configured host and a well-formed, documented answer. `none`: nothing was asked or nothing
 * can be believed.
 */
export const evidences = ['signed', 'transport', 'none'] as const;
export type Evidence = (typeof evidences)[number];
