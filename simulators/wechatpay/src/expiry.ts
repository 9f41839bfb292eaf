/** wechatpay simulator · expiry: orders nobody paid come to their end. */
import type { VirtualClock } from '@polyrail/simulator';
import type { Order } from './order.ts';
import { dayMs } from './time.ts';

/** Orders that name no end close after seven days. */
export const usualLifeMs = 7 * dayMs;

/**
 * Orders with the usual life end in the order they began: one timer serves them all, however many
 * are open. Those that name an end have a timer of their own.
 */
export function createExpiry(clock: VirtualClock, end: (order: Order) => void) {
  let queue: Order[] = [];
  let next = 0;
  let cancel: (() => void) | undefined;
  const arm = (): void => {
    const first = queue[next];
    if (first === undefined || cancel !== undefined) return;
    cancel = clock.schedule(first.expiresAt - clock.now(), run);
  };
  function run(): void {
    cancel = undefined;
    for (let order = queue[next]; order && order.expiresAt <= clock.now(); order = queue[next]) {
      next += 1;
      end(order);
    }
    queue = queue.slice(next);
    next = 0;
    arm();
  }
  return {
    watch(order: Order): void {
      if (order.terms.expiresAt === undefined) {
        queue.push(order);
        arm();
      } else {
        const delay = order.expiresAt - clock.now();
        order.cancelTimer = clock.schedule(delay, () => end(order));
      }
    },
    clear(): void {
      cancel?.();
      cancel = undefined;
      queue = [];
      next = 0;
    },
  };
}
