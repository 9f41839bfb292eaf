/** alipay simulator · balance: what a merchant's account holds, free and on its way. */

import { head, refuse } from './codes.ts';
import { invalidField, optionalText, requiredWord, yuan } from './fields.ts';
import { frozenAccount, merchantAccount } from './funds.ts';
import type { Handler } from './room.ts';

/** `alipay.fund.account.query`, of the caller's own account. */
const query: Handler = ({ content, merchant }, { funds }) => {
  requiredWord(content, 'account_type', ['ACCTRANS_ACCOUNT']);
  const userId = optionalText(content, 'alipay_user_id', 32);
  const openId = optionalText(content, 'alipay_open_id', 128);
  if (userId === undefined && openId === undefined) {
    throw invalidField('alipay_user_id', 'given, or alipay_open_id');
  }
  if (userId !== undefined && userId !== merchant.sellerId) throw refuse('NO_PERMISSION_ACCOUNT');
  const available = funds.balance(merchantAccount(merchant));
  const frozen = funds.balance(frozenAccount(merchant));
  return {
    ...head(10000),
    available_amount: yuan(available),
    freeze_amount: yuan(frozen),
    total_amount: yuan(available + frozen),
  };
};

export const balanceHandlers: Readonly<Record<string, Handler>> = {
  'alipay.fund.account.query': query,
};
