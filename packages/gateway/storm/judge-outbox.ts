/** gateway storm · judge of the outbox: that events reach the merchant, and in their order. */
import type { Bench } from './judge-payout.ts';
import { type EventView, kindsOnce, type StoreRecord } from './record.ts';

export function createOutboxJudge(record: StoreRecord, blame: Bench['blame']) {
  const earlier = (event: EventView): readonly EventView[] => {
    const queue = record.queues.get(event.entry) ?? [];
    return queue.slice(0, queue.indexOf(event));
  };
  const paymentOf = ({ entry }: EventView): number | undefined =>
    record.entries.get(entry)?.payment;
  return {
    /**
     * The merchant's handler is called; `within` a transaction, that of an event before it may be committed
     * together with this one.
     */
    handed(eventId: string, kind: string, within: boolean): void {
      const event = record.events.get(eventId);
      if (event === undefined) {
        blame(undefined, `${kind} (${eventId}) was handed out and is not in the store`);
        return;
      }
      const skipped = earlier(event).find(
        (one) => !one.taken && one.status === 'waiting' && !(within && kindsOnce.has(one.kind)),
      );
      if (skipped === undefined) return;
      blame(paymentOf(event), `${kind} of ${event.entry} was handed out before ${skipped.kind}`);
    },
    taken(eventId: string): void {
      const event = record.events.get(eventId);
      if (event !== undefined) event.taken = true;
    },
    /** What handlers wrote in transactions, in that order. */
    written(eventIds: readonly string[]): void {
      const last = new Map<string, EventView>();
      for (const eventId of eventIds) {
        const event = record.events.get(eventId);
        if (event === undefined) continue;
        event.taken = true;
        const former = last.get(event.entry);
        last.set(event.entry, event);
        if (former === undefined || earlier(event).includes(former)) continue;
        blame(paymentOf(event), `${former.kind} of ${event.entry} worked before ${event.kind}`);
      }
    },
  };
}
