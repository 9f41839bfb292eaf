/** wechatpay · balance: what the merchant's accounts at WeChat Pay hold (dossier A10.3). */
import { type Balance, type Call, type Clock, instantOf } from '@polyrail/core';
import { requireBody } from './answer.ts';
import type { Settings, WechatPayAccount } from './config.ts';
import { type Message, moneyOf, requiredMoney } from './messages.ts';
import type { Exchange, Wire } from './wire.ts';

export const toBalance = (account: WechatPayAccount): Exchange => ({
  operation: 'balances.query',
  method: 'GET',
  target: `/v3/merchant/fund/balance/${account}`,
});

/** Pure: what an account holds, as of now: the answer names neither account nor moment. */
export function fromBalance(account: WechatPayAccount, body: Message, nowMs: number): Balance {
  const pending = moneyOf(body, 'pending_amount');
  return {
    account,
    available: requiredMoney(body, 'available_amount'),
    ...(pending === undefined ? {} : { pending }),
    asOf: instantOf(nowMs),
  };
}

/** The verb of this file, strung on the wire. */
export function balanceVerbs(wire: Wire, room: { clock: Clock; settings: Settings }) {
  const { clock, settings } = room;
  return {
    async balance(call: Call): Promise<readonly Balance[]> {
      const balances: Balance[] = [];
      for (const account of settings.balanceAccounts) {
        const body = requireBody('balances.query', await wire.call(toBalance(account), call));
        balances.push(fromBalance(account, body, clock.now()));
      }
      return balances;
    },
  };
}
