/** alipay · payout-codes: the sub_codes of transfers, their query, and of accounts (dossier §9.3). */
import {
  each,
  failed,
  notFound,
  refused,
  repeatedId,
  unclear,
  type Verdict,
} from '@polyrail/kit/verdict';

type Table = Readonly<Record<string, Verdict>>;

/**
 * The codes of a transfer that the dossier lists. The channel documents three times as many, most
 * of them for products not offered here: what is not listed decides nothing, and is asked about.
 */
export const payoutCodes: Table = {
  ...each(unclear, 'SYSTEM_ERROR'),
  // Under way, by this call or an earlier one under the same id (§9.2).
  ...each(repeatedId, 'REQUEST_PROCESSING TRANS_ORDER_DEALING PROMO_TRANS_ORDER_DEALING'),
  ...each(refused('id-reused'), 'BIZ_UNIQUE_EXCEPTION PAYMENT_INFO_INCONSISTENCY'),

  // Top up the account, then ask again under the same id (§9.2).
  ...each(
    failed('merchant-funds', 'same-id'),
    'PAYER_BALANCE_NOT_ENOUGH BALANCE_IS_NOT_ENOUGH PAYMENT_MONEY_NOT_ENOUGH',
  ),
  ...each(
    failed('payee-invalid', 'new-id'),
    `PAYEE_NOT_EXIST PAYEE_USERINFO_ERROR PAYEE_ACCOUNT_STATUS_ERROR PAYEE_USER_TYPE_ERROR
    PAYER_PAYEE_CANNOT_SAME NO_ACCOUNT_RECEIVE_PERMISSION PERMIT_NON_BANK_LIMIT_PAYEE
    INVALID_CARDNO CARD_BIN_ERROR PAYEE_CARD_INFO_ERROR`,
  ),
  // Limits of a single transfer hold for good, those of a day or month pass by.
  ...each(
    failed('limit-exceeded', 'new-id'),
    `EXCEED_LIMIT_SM_AMOUNT EXCEED_LIMIT_SM_MIN_AMOUNT EXCEED_LIMIT_PERSONAL_SM_AMOUNT
    EXCEED_LIMIT_ENT_SM_AMOUNT`,
  ),
  ...each(
    failed('limit-exceeded', 'same-id'),
    `EXCEED_LIMIT_DM_AMOUNT EXCEED_LIMIT_DM_MAX_AMOUNT EXCEED_LIMIT_MM_AMOUNT
    EXCEED_LIMIT_UNRN_DM_AMOUNT RESOURCE_LIMIT_EXCEED`,
  ),
  ...each(
    failed('risk-blocked', 'same-id'),
    'SECURITY_CHECK_FAILED USER_RISK_FREEZE JUDICIAL_FREEZE PERMIT_CHECK_PERM_LIMITED',
  ),
  ...each(failed('maintenance', 'same-id'), 'INST_PAY_UNABLE'),
  ...each(failed('other', 'same-id'), 'MONEY_PAY_CLOSED NO_AVAILABLE_PAYMENT_TOOLS'),

  ...each(
    refused('permission-denied'),
    'PAYER_STATUS_ERROR PAYER_CERTIFY_CHECK_FAIL PRODUCT_NOT_SIGN TRANSFER_SCENE_INFO_ADMIT_FAIL',
  ),
  ...each(refused('credential-invalid'), 'SIGN_INVALID'),
  ...each(
    refused('parameter-invalid'),
    `INVALID_PARAMETER MEMO_REQUIRED_IN_TRANSFER_ERROR REMARK_HAS_SENSITIVE_WORD
    TRANSFER_SCENE_NAME_BLANK TRANSFER_SCENE_NAME_ILLEGAL TRANSFER_SCENE_REPORT_INFO_ILLEGAL`,
  ),
};

export const queryPayoutCodes: Table = {
  ...each(unclear, 'SYSTEM_ERROR'),
  ...each(refused('parameter-invalid'), 'INVALID_PARAMETER'),
  // Quirk: it may be passing: the order is not visible at once (§13.1).
  ...each(notFound, 'ORDER_NOT_EXIST'),
  ...each(refused('permission-denied'), 'NO_ORDER_PERMISSION'),
};

export const balanceCodes: Table = {
  ...each(unclear, 'SYSTEM_ERROR'),
  ...each(
    refused('parameter-invalid'),
    'INVALID_PARAMETER TRUSTEESHIP_ACCOUNT_NOT_EXIST ALIPAY_ACCOUNT_NOT_EXIST',
  ),
  ...each(
    refused('permission-denied'),
    `NO_PERMISSION_ACCOUNT NO_PERMISSION USER_AGREEMENT_VERIFY_FAIL AUTH_USERID_IS_NOT_MATCH
    AUTHOREE_IS_NOT_MATCH USER_AGREEMENT_STATUS_ABNORMAL USER_AGREEMENT_IS_OUT_OF_DATE
    MERCHANT_AGREEMENT_VERIFY_FAIL AUTH_INFO_NOT_EXISTS AUTH_CODE_ERROR`,
  ),
};

/** What a status of a transfer says (§13.1, §13.2). */
export type PayoutState = 'done' | 'under-way' | 'unpaid' | 'failed' | 'closed' | 'returned';

const payoutStates: Readonly<Record<string, PayoutState>> = {
  SUCCESS: 'done',
  DEALING: 'under-way',
  WAIT_PAY: 'unpaid',
  FAIL: 'failed',
  CLOSED: 'closed',
  REFUND: 'returned',
};

/** `undefined` for a status outside the documented ones. */
export const payoutStateOf = (status: string): PayoutState | undefined =>
  Object.hasOwn(payoutStates, status) ? payoutStates[status] : undefined;
