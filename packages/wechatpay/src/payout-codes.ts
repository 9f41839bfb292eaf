/** wechatpay · payout-codes: states of a transfer, and why one failed (dossier A10.2). */
import type { Reason } from '@polyrail/core';

export type PayoutState = 'under-way' | 'unconfirmed' | 'done' | 'failed' | 'cancelled';

const states: Readonly<Record<string, PayoutState>> = {
  ACCEPTED: 'under-way',
  // Quirk: it lasts when the merchant's balance does not suffice.
  PROCESSING: 'under-way',
  WAIT_USER_CONFIRM: 'unconfirmed',
  // Quirk: WeChat Pay spells it with one R.
  TRANSFERING: 'under-way',
  SUCCESS: 'done',
  FAIL: 'failed',
  CANCELING: 'under-way',
  CANCELLED: 'cancelled',
};

/** `undefined` for a state outside the documented ones. */
export const payoutStateOf = (state: string): PayoutState | undefined =>
  Object.hasOwn(states, state) ? states[state] : undefined;

const spread = (reason: Reason, codes: string): Readonly<Record<string, Reason>> =>
  Object.fromEntries(codes.split(/\s+/).map((code) => [code, reason]));

const reasons: Readonly<Record<string, Reason>> = {
  ...spread(
    'payee-invalid',
    `ACCOUNT_FROZEN ACCOUNT_NOT_EXIST OPENID_INVALID PAYEE_ACCOUNT_ABNORMAL
    RECEIVE_ACCOUNT_NOT_CONFIGURE NAME_NOT_CORRECT ID_CARD_NOT_CORRECT REAL_NAME_CHECK_FAIL`,
  ),
  ...spread(
    'limit-exceeded',
    `DAY_RECEIVED_COUNT_EXCEED DAY_RECEIVED_QUOTA_EXCEED TRANSFER_QUOTA_EXCEED
    REALNAME_ACCOUNT_RECEIVED_QUOTA_EXCEED`,
  ),
  ...spread('cancelled', 'MCH_CANCEL MERCHANT_REJECT'),
  ...spread('order-expired', 'OVERDUE_CLOSE MERCHANT_NOT_CONFIRM'),
  ...spread('merchant-funds', 'BUDGET_NOT_ENOUGH'),
  ...spread('risk-blocked', 'TRANSFER_RISK'),
  ...spread(
    'permission-denied',
    'PRODUCT_AUTH_CHECK_FAIL TRANSFER_SCENE_INVALID TRANSFER_SCENE_UNAVAILABLE',
  ),
  ...spread('credential-invalid', 'PAYER_ACCOUNT_ABNORMAL'),
  ...spread('other', 'OTHER_FAIL_REASON_TYPE TRANSFER_REMARK_SET_FAIL'),
};

/** Families of reasons of which the documents show the beginning only. */
const families: readonly (readonly [prefix: string, reason: Reason])[] = [
  ['BANK_CARD_', 'payee-invalid'],
  ['RESERVATION_', 'other'],
];

/** Why a transfer failed. */
export function failReasonOf(code = ''): {
  readonly reason: Reason;
  readonly channelCode?: string;
} {
  const exact = Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  const family = families.find(([prefix]) => code.startsWith(prefix))?.[1];
  const channelCode = code === '' ? {} : { channelCode: code };
  return { reason: exact ?? family ?? 'other', ...channelCode };
}
