/** reference site · refusal: the codes acme refuses with, thrown by whoever finds the reason. */

export type RefusalCode =
  | 'ACCEPTED'
  | 'SIGNATURE_INVALID'
  | 'CERTIFICATE_NEEDED'
  | 'RATE_LIMITED'
  | 'MAINTENANCE'
  | 'SYSTEM_ERROR'
  | 'PARAMETER_INVALID'
  | 'ID_REUSED'
  | 'ID_CLOSED'
  | 'NOT_FOUND'
  | 'EXPIRES_IN_PAST'
  | 'AUTH_CODE_INVALID'
  | 'ALREADY_PAID'
  | 'NOT_PAID'
  | 'ALREADY_UNDONE'
  | 'WINDOW_PASSED'
  | 'REFUND_EXCEEDS'
  | 'AGREEMENT_INACTIVE'
  | 'OTP_WRONG'
  | 'CARD_REFUSED'
  | 'HOLD_INACTIVE'
  | 'HOLD_EXCEEDED'
  | 'HOLD_CAPTURED'
  | 'INSUFFICIENT_FUNDS'
  | 'NOT_READY';

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly retryAfterMs?: number;
}

const refusals = new WeakMap<object, Refusal>();

/** An error that the gateway answers as a signed body instead of failing. */
export function refuse(code: RefusalCode, message: string, retryAfterMs?: number): Error {
  const error = new Error(`${code}: ${message}`);
  refusals.set(error, { code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  return error;
}

export const refusalOf = (error: unknown): Refusal | undefined =>
  typeof error === 'object' && error !== null ? refusals.get(error) : undefined;
