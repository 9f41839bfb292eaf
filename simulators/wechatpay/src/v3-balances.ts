/** wechatpay simulator · v3 balances: what a merchant may dispose of. */
import { merchantAccount, underWayAccount } from './funds.ts';
import { refuse } from './refusals.ts';
import type { V3Handler } from './v3-call.ts';

/** Money lies on the basic account only. */
export const listBalance: V3Handler = (call, { funds }) => {
  const { account_type: account } = call.parameters;
  if (account === 'BASIC') {
    return {
      available_amount: funds.balance(merchantAccount(call.merchant)),
      pending_amount: funds.balance(underWayAccount(call.merchant)),
    };
  }
  if (account === 'OPERATION' || account === 'FEES') {
    return { available_amount: 0, pending_amount: 0 };
  }
  throw refuse('no-auth');
};
