/** alipay · balance: what the merchant's account at Alipay holds. */
import { type Balance, type Call, type Clock, instantOf, PolyrailError } from '@polyrail/core';
import { badConfig } from '@polyrail/kit/config';
import { fromRejection, isAccepted } from './answer.ts';
import type { Settings } from './config.ts';
import { type Message, requiredYuan, yuanOf } from './messages.ts';
import type { Exchange, Wire } from './wire.ts';

const method = 'alipay.fund.account.query';
const account = 'ACCTRANS_ACCOUNT';

/** Pure: the question. @throws PolyrailError `CONFIG_INVALID` where the merchant's id is not known */
export function toBalance({ sellerId }: Pick<Settings, 'sellerId'>): Exchange {
  if (sellerId === undefined) {
    throw badConfig('sellerId', 'is required: Alipay asks whose account it is');
  }
  return { method, fields: { alipay_user_id: sellerId, account_type: account } };
}

/** Pure: what the account holds, as of now: the answer names no moment. */
export function fromBalance(node: Message, nowMs: number): readonly Balance[] {
  if (!isAccepted(node)) {
    const finding = fromRejection<'payment'>(method, node);
    const cause = finding.status === 'unknown' ? finding.cause : undefined;
    throw cause ?? new PolyrailError('UNAVAILABLE', 'Alipay does not tell what the account holds');
  }
  const available = requiredYuan(node, 'available_amount');
  const frozen = yuanOf(node, 'freeze_amount');
  const asOf = instantOf(nowMs);
  return [{ account, available, ...(frozen === undefined ? {} : { frozen }), asOf }];
}

/** The verb of this file, strung on the wire. */
export function balanceVerbs(wire: Wire, room: { clock: Clock; settings: Settings }) {
  return {
    async balance(call: Call): Promise<readonly Balance[]> {
      return fromBalance(await wire.call(toBalance(room.settings), call), room.clock.now());
    },
  };
}
