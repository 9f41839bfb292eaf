/** alipay · agreement-codes: the sub_codes of standing consents (dossier §9.3). */
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
  ...each(refused('parameter-invalid'), 'INVALID_PARAMETER'),
};

const party: Table = {
  // Quirk: the same code exists with and without the misspelling.
  ...each(refused('parameter-invalid'), 'USER_NOT_EXIST_ERROR USER_NOT_EXSIT_ERROR'),
  ...each(
    refused('permission-denied'),
    'PRODUCT_CODE_NOT_SUPPORTED_ERROR AUTHOREE_IS_NOT_MATCH MERCHANT_STATUS_IS_NOT_NORMAL',
  ),
};

export const querySignUpCodes: Table = {
  ...common,
  ...party,
  ...each(unclear, 'PARENT_MERCHANT_QUERY_FAIL'),
  ...each(notFound, 'USER_AGREEMENT_NOT_EXIST'),
  ...each(failed('agreement-inactive', 'never'), 'AGREEMENT_HAS_UNSIGNED'),
  ...each(refused('parameter-invalid'), 'LOGONID_IS_REPEATED'),
};

/** An agreement that is not there, or not in force, is looked up before `signOff` answers. */
export const signOffCodes: Table = {
  ...common,
  ...party,
  // It failed, and it is not said how far it had got.
  ...each(unclear, 'USER_AGREEMENT_QUERY_FAIL USER_AGREEMENT_UNSIGN_FAIL'),
  ...each(
    repeatedId,
    `AGREEMENT_NOT_EXIST AGREEMENT_NOT_EXSIT USER_AGREEMENT_STATUS_NOT_NORMAL
    USER_AGREEMENT_STATUS_IS_NOT_NORMAL`,
  ),
  ...each(failed('other', 'never'), 'ASYNC_UNSIGN_CAN_NOT_REJECT'),
  ...each(refused('permission-denied'), 'MERCHANT_AGREEMENT_IS_NOT_EXIST'),
  ...each(refused('parameter-invalid'), 'ILLEGAL_PARAMS'),
};

export const changePlanCodes: Table = {
  ...common,
  ...each(refused('parameter-invalid'), 'ILLEGAL_EXECUTION_TIME'),
  ...each(refused('agreement-inactive'), 'ILLEGAL_AGREEMENT'),
};

/** What a status of an agreement says (§12.2, §15.6); STOP is not sourced. */
const standings: Readonly<Record<string, 'open' | 'active' | 'suspended' | 'ended'>> = {
  TEMP: 'open',
  NORMAL: 'active',
  STOP: 'suspended',
  UNSIGN: 'ended',
};

/** `undefined` for a status outside the documented ones; `open` for one the payer has not signed. */
export const standingOf = (
  status: string,
): 'open' | 'active' | 'suspended' | 'ended' | undefined =>
  Object.hasOwn(standings, status) ? standings[status] : undefined;
