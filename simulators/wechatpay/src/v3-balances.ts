/** wechatpay simulator · v3 balances: what a merchant may dispose of. */
import { refuse } from './refusals.ts';
import type { V3Handler } from './v3-call.ts';

/** Money lies on the basic account only. */
export const listBalance: V3Handler = (call, { funds }) => {
  const { account_type: account } = call.parameters;
  if (account === 'BASIC') {
    return {
      available_amount: funds.available(call.merchant),
      pending_amount: funds.underWay(call.merchant),
    };
  }
  if (account === 'OPERATION' || account === 'FEES') {
    return { available_amount: 0, pending_amount: 0 };
  }
  throw refuse('no-auth');
};
