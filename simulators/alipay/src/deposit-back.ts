/** alipay simulator · deposit back: a refund to a bank card that the bank takes, or sends back. */
import { yuan } from './fields.ts';
import type { NodeMembers } from './json.ts';
import { sendMessage } from './message.ts';
import type { DepositBack, Order, Refund } from './order.ts';
import { filled } from './push.ts';
import type { Call, Room } from './room.ts';
import { dayMs, hourMs, timeText } from './time.ts';

const usualWayMs = 2 * hourMs;

const membersOf = ({
  amount,
  depositBack,
}: Refund): Readonly<Record<string, string | undefined>> => {
  if (depositBack === undefined) return {};
  const { status, bankAckAt, expectedAt } = depositBack;
  return {
    dback_status: status,
    dback_amount: yuan(amount),
    bank_ack_time: bankAckAt === undefined ? undefined : timeText(bankAckAt),
    est_bank_receipt_time: timeText(expectedAt),
  };
};

/** `deposit_back_info` of a refund query. */
export const depositBackInfo = (refund: Refund): NodeMembers => ({
  deposit_back_info: {
    has_deposit_back: String(refund.depositBack !== undefined),
    ...membersOf(refund),
  },
});

function notifyDepositBack(order: Order, refund: Refund, room: Room): void {
  const { merchant, terms, tradeNo } = order;
  const members = filled({
    trade_no: tradeNo,
    out_trade_no: terms.outTradeNo,
    out_request_no: refund.outRequestNo,
    ...membersOf(refund),
  });
  const message = {
    operation: 'alipay.trade.refund.depositback.completed',
    id: terms.outTradeNo,
    merchant,
    voice: terms,
    members,
    amountName: 'dback_amount',
    numberName: 'out_trade_no',
    forgery: { dback_status: 'S' },
  };
  sendMessage(message, room);
}

interface Sent {
  readonly order: Order;
  readonly refund: Refund;
  /** Whether the refund asked for it: only then is the end of the way told. */
  readonly asked: boolean;
}

/** Sends a refund by way of the payer's bank, where the story strikes. */
export function sendToBank({ order, refund, asked }: Sent, call: Call, room: Room): void {
  const story = call.exchange.fault('deposit-back');
  if (story === undefined) return;
  const { clock } = room.world;
  const depositBack: DepositBack = { status: 'P', expectedAt: clock.now() + dayMs };
  refund.depositBack = depositBack;
  clock.schedule(Number(story['afterMs'] ?? usualWayMs), () => {
    // After a reset the book knows the number no more.
    if (room.book.find(order.merchant, order.terms.outTradeNo) !== order) return;
    depositBack.status = story['outcome'] === 'F' ? 'F' : 'S';
    depositBack.bankAckAt = clock.now();
    if (asked) notifyDepositBack(order, refund, room);
  });
}
