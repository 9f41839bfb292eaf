/** wechatpay simulator · refund book: money on its way back to payers. */
import type { SeededRandom, VirtualClock } from '@polyrail/simulator';
import type { Merchant } from './merchants.ts';
import { refundNumber } from './numbers.ts';
import type { Found, MoveKind, Order, Refund, RefundState } from './order.ts';
import type { Voice } from './voice.ts';

/** What a merchant asks for. */
export interface RefundWish {
  readonly outRefundNo: string;
  /** Fen. */
  readonly amount: number;
  readonly reason?: string | undefined;
  readonly notifyUrl?: string | undefined;
  readonly voice: Voice;
  readonly reversal?: boolean;
}

/** How a refund ends, and after how long; 0: at once. */
export interface RefundFate {
  readonly afterMs: number;
  readonly state: Exclude<RefundState, 'PROCESSING'>;
}

interface RefundsOptions {
  readonly clock: VirtualClock;
  readonly numbers: SeededRandom;
  readonly move: (order: Order, kind: MoveKind, about: { amount: number; refund?: Refund }) => void;
  readonly onRefund: (order: Order, refund: Refund) => void;
}

const keyOf = (merchant: Merchant, number: string): string => `${merchant.mchid} ${number}`;

export function createRefunds({ clock, numbers, move, onRefund }: RefundsOptions) {
  const byNumber = new Map<string, Found>();
  const byId = new Map<string, Found>();

  const finish = ({ order, refund }: Found, state: RefundFate['state']): void => {
    const { amount } = refund;
    delete refund.cancelTimer;
    if (state === 'SUCCESS') move(order, 'arrive', { amount, refund });
    if (state === 'CLOSED') move(order, 'return', { amount, refund });
    Object.assign(refund, { state, finishedAt: clock.now() });
    onRefund(order, refund);
  };
  const watch = (found: Found, { afterMs, state }: RefundFate): void => {
    if (afterMs <= 0) finish(found, state);
    else found.refund.cancelTimer = clock.schedule(afterMs, () => finish(found, state));
  };
  return {
    find: (merchant: Merchant, number: string) => byNumber.get(keyOf(merchant, number)),
    findId(merchant: Merchant, id: string) {
      const found = byId.get(id);
      return found?.order.merchant === merchant ? found : undefined;
    },
    begin(order: Order, wish: RefundWish, fate: RefundFate): Refund {
      const createdAt = clock.now();
      const refund: Refund = {
        reversal: false,
        ...wish,
        refundId: refundNumber(numbers, createdAt),
        createdAt,
        state: 'PROCESSING',
      };
      move(order, 'refund', { amount: refund.amount, refund });
      order.refunds.push(refund);
      order.state = refund.reversal ? 'REVOKED' : 'REFUND';
      const found = { order, refund };
      byNumber.set(keyOf(order.merchant, refund.outRefundNo), found);
      byId.set(refund.refundId, found);
      watch(found, fate);
      return refund;
    },
    /** Of an abnormal one. */
    retry(found: Found, fate: RefundFate): void {
      found.refund.state = 'PROCESSING';
      delete found.refund.finishedAt;
      watch(found, fate);
    },
    clear(): void {
      byNumber.clear();
      byId.clear();
    },
  };
}
