/** alipay simulator · lifecycle: how a trade comes into being, runs out, closes and finishes. */
import type { SeededRandom, VirtualClock } from '@polyrail/simulator';
import type { Change, Ending, Order, OrderState } from './order.ts';
import { compactDay, hourMs } from './time.ts';

interface LifecycleOptions {
  readonly clock: VirtualClock;
  readonly numbers: SeededRandom;
  /** How long a paid trade may be refunded. */
  readonly refundWindowMs: number;
  readonly onChange: (order: Order, change: Change) => void;
  /** Trades by number: new numbers are unique. */
  readonly byTrade: Map<string, Order>;
}

const qrLifeMs = 2 * hourMs;

/** Paid trades in order of payment: all have the same window, so one timer serves them all. */
function createFinisher({ clock, refundWindowMs, onChange }: LifecycleOptions) {
  let queue: Order[] = [];
  let cancel: (() => void) | undefined;
  const finish = (): void => {
    cancel = undefined;
    while (queue[0] !== undefined && (queue[0].paidAt ?? 0) + refundWindowMs <= clock.now()) {
      const order = queue.shift() as Order;
      if (order.state !== 'TRADE_SUCCESS') continue;
      order.state = 'TRADE_FINISHED';
      order.closedAt = clock.now();
      onChange(order, 'finished');
    }
    arm();
  };
  const arm = (): void => {
    const first = queue[0];
    if (first === undefined || cancel !== undefined) return;
    cancel = clock.schedule((first.paidAt ?? 0) + refundWindowMs - clock.now(), finish);
  };
  return {
    add(order: Order): void {
      queue.push(order);
      arm();
    },
    clear(): void {
      cancel?.();
      cancel = undefined;
      queue = [];
    },
  };
}

export function createLifecycle(options: LifecycleOptions) {
  const { clock, numbers, byTrade, onChange } = options;
  const finisher = createFinisher(options);

  const end = (order: Order, state: OrderState, endedBy: Ending): void => {
    order.cancelTimer?.();
    delete order.cancelTimer;
    Object.assign(order, { state, endedBy, closedAt: clock.now() });
  };
  const close = (order: Order, endedBy: Ending): void => {
    if (order.state === 'UNSCANNED') end(order, 'VOID', endedBy);
    if (order.state !== 'WAIT_BUYER_PAY') return;
    end(order, 'TRADE_CLOSED', endedBy);
    onChange(order, 'closed');
  };
  const watch = (order: Order, lifeMs: number): void => {
    order.cancelTimer?.();
    const { expiresAt = Number.POSITIVE_INFINITY } = order.terms;
    const delay = Math.min(clock.now() + lifeMs, expiresAt) - clock.now();
    order.cancelTimer = clock.schedule(delay, () => close(order, 'timeout'));
  };
  return {
    end,
    close,
    /** An unscanned QR lives two hours unless told otherwise, and never beyond `time_expire`. */
    watchQr: (order: Order): void => watch(order, order.terms.qrTimeoutMs ?? qrLifeMs),
    /** Someone looks at the order: its trade comes into being. */
    scan(order: Order): void {
      if (order.state !== 'UNSCANNED') return;
      const now = clock.now();
      let tradeNo = '';
      do tradeNo = `${compactDay(now)}22${numbers.digits(18)}`;
      while (byTrade.has(tradeNo));
      Object.assign(order, { state: 'WAIT_BUYER_PAY', tradeNo, tradeCreatedAt: now });
      byTrade.set(tradeNo, order);
      const { expiresAt, timeoutMs } = order.terms;
      watch(order, expiresAt === undefined ? timeoutMs : Number.POSITIVE_INFINITY);
    },
    paid(order: Order): void {
      order.cancelTimer?.();
      delete order.cancelTimer;
      Object.assign(order, { state: 'TRADE_SUCCESS', paidAt: clock.now() });
      finisher.add(order);
      onChange(order, 'paid');
    },
    clear: finisher.clear,
  };
}
