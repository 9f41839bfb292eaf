/** wechatpay simulator · limits: how many requests of a kind a merchant may send in a second. */
import type { Room } from './room.ts';

/** Documented, per merchant and second. */
const perSecond: Readonly<Record<string, number>> = {
  'transactions.native': 500,
  'transactions.jsapi': 500,
  'transactions.app': 500,
  'transactions.h5': 500,
  unifiedorder: 500,
  micropay: 33,
  'refunds.create': 150,
  refund: 150,
  'refunds.query': 300,
  certificates: 1_000,
  'bills.funds': 3,
  'transfers.create': 100,
  'transfers.query': 100,
  'papay.apply': 150,
};

/** Counts requests by virtual second; whoever comes beyond the limit is told to wait. */
export function createLimits(clock: { now(): number }) {
  let second = -1;
  let counts = new Map<string, number>();
  return {
    exceeds(mchid: string, operation: string): boolean {
      const limit = perSecond[operation];
      if (limit === undefined) return false;
      const now = Math.floor(clock.now() / 1_000);
      if (now !== second) {
        second = now;
        counts = new Map();
      }
      const key = `${mchid} ${operation}`;
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      return count > limit;
    },
  };
}

export type Limits = ReturnType<typeof createLimits>;

export const limited = (room: Room, mchid: string, operation: string): boolean =>
  room.options.rateLimits === true && room.limits.exceeds(mchid, operation);
