/** gateway storm · takers: the merchant's handlers, of which some are not ready for a while. */
import type { DatabaseSync } from 'node:sqlite';
import { type GatewayEvent, type Handlers, transactional } from '../src/index.ts';
import { numberOf } from './script.ts';
import { nextProcess, type World } from './stage.ts';

const minute = 60_000;

/** The merchant's handlers: some are not ready for a while, some decide about late money. */
export function handlersOf(world: World): Handlers {
  const { judge, chronicle, scripts, town } = world;
  const tries = new Map<string, number>();
  const refuse = ({ eventId, entry }: GatewayEvent): void => {
    const number = judge.record.entries.get(`${entry.noun} ${entry.id}`)?.payment;
    const refusals = scripts.get(number ?? -1)?.refusals ?? 0;
    const tried = tries.get(eventId) ?? 0;
    tries.set(eventId, tried + 1);
    if (!world.calm && tried < refusals) throw new Error('The merchant is not ready');
  };
  const plain = (event: GatewayEvent): void => {
    judge.handed(event.eventId, event.kind, false);
    chronicle.note('event', event.kind, event.entry.id ?? '-', event.eventId);
    refuse(event);
    judge.taken(event.eventId);
  };
  const once = transactional((event, native) => {
    judge.handed(event.eventId, event.kind, true);
    refuse(event);
    const database = native as DatabaseSync;
    database.prepare('INSERT INTO storm_seen VALUES (?)').run(event.eventId);
  });
  const late = (event: GatewayEvent): void => {
    plain(event);
    if (event.kind === 'payment.surplus') chronicle.count('paid twice');
    const accepts = scripts.get(numberOf(event.entry.id) ?? -1)?.acceptsLate === true;
    if (!accepts) return;
    town.clock.schedule(minute, () => {
      const decided = nextProcess(world)?.gateway.decide(event.entry.id, { decision: 'accept' });
      decided?.catch(() => undefined);
    });
  };
  const usual = {
    challenged: plain,
    pending: plain,
    unknown: plain,
    failed: plain,
    escalated: plain,
    alarm: plain,
    unmatched: plain,
  };
  return {
    payment: {
      ...usual,
      pending: once,
      unknown: once,
      undone: once,
      'late-success': late,
      succeeded: plain,
      surplus: late,
    },
    refund: { pending: plain, succeeded: once, failed: plain, escalated: plain, alarm: plain },
    payout: { ...usual, undone: plain, succeeded: once },
    authorization: {
      ...usual,
      succeeded: once,
      'late-success': plain,
      surplus: plain,
      undone: once,
    },
    agreement: { ...usual, succeeded: once, changed: plain },
    cancellation: { succeeded: plain, failed: plain, escalated: plain, alarm: plain },
  };
}
