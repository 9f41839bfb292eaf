/** alipay · authorization-codes: the sub_codes of freezing, releasing and asking (dossier §9.3). */
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

const common: Table = {
  ...each(unclear, 'SYSTEM_ERROR'),
  ...each(refused('parameter-invalid'), 'ILLEGAL_ARGUMENT'),
  ...each(refused('permission-denied'), 'ACCESS_FORBIDDEN'),
};

/** One table for the code and the QR: the latter documents a part of the former's list. */
export const freezeCodes: Table = {
  ...common,
  // An answer about the order, not about this call: only its query tells what became of it.
  ...each(repeatedId, 'FREEZE_ALREADY_SUCCESS ORDER_ALREADY_CLOSED ORDER_ALREADY_FINISH'),
  ...each(refused('id-reused'), 'UNIQUE_VIOLATION'),

  ...each(failed('insufficient-funds', 'new-id'), 'MONEY_NOT_ENOUGH'),
  ...each(
    failed('instrument-invalid', 'new-id'),
    `PAYMENT_AUTH_CODE_INVALID ERROR_BALANCE_PAYMENT_DISABLE USER_FACE_PAYMENT_SWITCH_OFF
    NO_PAYMENT_INSTRUMENTS_AVAILABLE PAYER_USER_STATUS_LIMIT USER_BANKCARD_CANCELED
    USER_BANKCARD_EXPRESS_ERROR USER_BANKCARD_FROZEN USER_BANKCARD_PAY_ERROR
    USER_BANKCARD_REPORT_LOSS USER_BANKCARD_STATUS_ERROR`,
  ),
  ...each(
    failed('payer-unverified', 'new-id'),
    `PAYER_NOT_EXIST USER_IDENTITY_INFO_VALIDATE_FAIL USER_ACCOUNT_VALIDATE_FAIL
    FOREX_ID_VERIFICATION_FAIL`,
  ),
  ...each(failed('limit-exceeded', 'new-id'), 'PRODUCT_AMOUNT_LIMIT_ERROR UNSUPPORT_ORDER_AMOUNT'),
  ...each(failed('risk-blocked', 'new-id'), 'SMILE_PRE_AUTH_ZM_CONSULT_FAIL'),
  ...each(
    failed('other', 'new-id'),
    'PULL_MOBILE_CASHIER_FAIL PAYER_PAYEE_EQUAL CLIENT_VERSION_NOT_MATCH',
  ),

  ...each(
    refused('permission-denied'),
    `FORBIDDEN_MERCHANT_INDUSTRY RESTRICTED_MERCHANT_INDUSTRY SECONDARY_MERCHANT_STATUS_ERROR
    SUB_MERCHANT_NO_PERMISSION MERCHANT_STATUS_ERROR UNSUPPORTED_BIZ_TYPE`,
  ),
  ...each(
    refused('payee-invalid'),
    'PAYEE_NOT_EXIST PAYEE_USER_STATUS_LIMIT ILLEGAL_PAYEE_USER_ID',
  ),
  ...each(
    refused('parameter-invalid'),
    `EXIST_FORBIDDEN_WORD CURRENCY_VERIFICATION_FAIL SUB_MERCHANT_ORGANIZATION_ID_ERROR
    SUB_MERCHANT_LEVEL_ERROR`,
  ),
};

/** An order in another state than frozen is looked up before a release answers: authorization.ts. */
export const unfreezeCodes: Table = {
  ...common,
  // Something of the business failed, and it is not said how far it had got.
  ...each(unclear, 'BIZ_ERROR'),
  ...each(repeatedId, 'ILLEGAL_STATUS ORDER_ALREADY_FINISH ORDER_ALREADY_CLOSED'),
  ...each(refused('id-reused'), 'UNIQUE_VIOLATION'),
  ...each(refused('parameter-invalid'), 'AUTH_ORDER_NOT_EXIST'),
  ...each(failed('refund-exceeds', 'never'), 'REQUEST_AMOUNT_EXCEED'),
  ...each(failed('instrument-invalid', 'same-id'), 'PAYER_USER_STATUS_LIMIT PAYER_NOT_EXIST'),
};

export const cancelAuthorizationCodes: Table = {
  ...common,
  ...each(repeatedId, 'ORDER_ALREADY_FINISH'),
  ...each(notFound, 'AUTH_ORDER_NOT_EXIST'),
  ...each(failed('window-passed', 'never'), 'CANCEL_OPERATION_TIME_OUT'),
  ...each(failed('refund-exceeds', 'never'), 'REQUEST_AMOUNT_EXCEED'),
  ...each(failed('instrument-invalid', 'same-id'), 'PAYER_USER_STATUS_LIMIT PAYER_NOT_EXIST'),
};

export const queryAuthorizationCodes: Table = {
  ...common,
  ...each(notFound, 'AUTH_ORDER_NOT_EXIST AUTH_OPERATION_NOT_EXIST'),
  ...each(refused('permission-denied'), 'ENTERPRISE_PAY_BIZ_ERROR HAS_NO_PRIVILEGE'),
};

export type HoldState = 'open' | 'held' | 'finished' | 'closed';

/** What a status of an operation, freezing or releasing, says (§11.2). */
const operationStates: Readonly<Record<string, 'open' | 'done' | 'closed'>> = {
  INIT: 'open',
  SUCCESS: 'done',
  CLOSED: 'closed',
};
/** What an order_status says. Whether a closed order ever held money, its operation tells. */
const holdStates: Readonly<Record<string, HoldState>> = {
  INIT: 'open',
  AUTHORIZED: 'held',
  FINISH: 'finished',
  CLOSED: 'closed',
};

/** `undefined` for a status outside the documented ones. */
export const operationStateOf = (status: string): 'open' | 'done' | 'closed' | undefined =>
  Object.hasOwn(operationStates, status) ? operationStates[status] : undefined;
export const holdStateOf = (status: string): HoldState | undefined =>
  Object.hasOwn(holdStates, status) ? holdStates[status] : undefined;
