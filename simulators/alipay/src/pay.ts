/** alipay simulator · pay: the three payments that share one method, told apart by what they name. */
import { capture } from './authorization.ts';
import { deduct } from './deduction.ts';
import { payByBarcode } from './payment.ts';
import type { Handler } from './room.ts';

const pay: Handler = (call, room) => {
  if (call.content['agreement_params'] !== undefined) return deduct(call, room);
  if (call.content['auth_no'] !== undefined) return capture(call, room);
  return payByBarcode(call, room);
};

export const payHandlers: Readonly<Record<string, Handler>> = { 'alipay.trade.pay': pay };
