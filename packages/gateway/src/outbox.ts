/**
 * gateway · outbox: hands changes of state to the merchant's handlers - in order per entry, at least once
 * each under one event id, and exactly once when the handler works in the transaction it is given.
 */
import { instantOf, PolyrailError } from '@polyrail/core';
import { type Desk, entryKeyOf, openFor, reach, schedule } from './desk.ts';
import type { Entry } from './entry.ts';
import type { GatewayEvent } from './handlers.ts';
import type { EventRow, Transaction } from './store.ts';

/** How long a handler without a transaction may take before its event is delivered again, in ms. */
const leaseMs = 60_000;
const longestPauseMs = 60 * 60_000;
/** 1 s, 4 s, 16 s … 1 h. */
const pauseAfter = (deliveries: number): number =>
  Math.min(longestPauseMs, 1000 * 4 ** Math.min(deliveries, 12));

function eventOf(desk: Desk, row: EventRow): GatewayEvent {
  const entry = openFor(desk, row, row.body) as Entry;
  return Object.freeze({ eventId: row.eventId, kind: row.kind, at: instantOf(row.at), entry });
}

async function failed(desk: Desk, transaction: Transaction, row: EventRow): Promise<void> {
  const deliveries = row.deliveries + 1;
  const dead = deliveries >= desk.settings.mostDeliveries;
  const notBefore = desk.clock.now() + pauseAfter(row.deliveries);
  await transaction.updateEvent({
    ...row,
    deliveries,
    notBefore,
    status: dead ? 'dead' : 'waiting',
  });
  await schedule(transaction, row, {
    kind: 'deliver',
    runAt: dead ? desk.clock.now() : notBefore,
  });
}

async function delivered(transaction: Transaction, row: EventRow): Promise<void> {
  await transaction.updateEvent({ ...row, deliveries: row.deliveries + 1, status: 'delivered' });
}

type Taken = 'none' | 'later' | 'done' | EventRow;

/** Takes the entry's next event: hands it out at once, or leases it to be handed out outside. */
async function take(desk: Desk, transaction: Transaction, jobKey: string): Promise<Taken> {
  const key = entryKeyOf(jobKey);
  const row = await transaction.lockNextEvent(key);
  if (row === undefined) return 'none';
  const now = desk.clock.now();
  if (row.notBefore > now) {
    await schedule(transaction, key, { kind: 'deliver', runAt: row.notBefore });
    return 'later';
  }
  const handler = desk.settings.handlers.get(row.kind);
  if (handler === undefined) {
    await delivered(transaction, row);
    return 'done';
  }
  if (typeof handler !== 'function') {
    await handler.transactional(eventOf(desk, row), transaction.native);
    await reach(desk, 'in-outbox');
    await delivered(transaction, row);
    return 'done';
  }
  await transaction.updateEvent({ ...row, notBefore: now + leaseMs });
  await schedule(transaction, key, { kind: 'deliver', runAt: now + leaseMs });
  return row;
}

const sameDelivery = (row: EventRow, now: EventRow | undefined): now is EventRow =>
  now?.status === 'waiting' && now.deliveries === row.deliveries;

async function handOut(desk: Desk, row: EventRow): Promise<boolean> {
  const handler = desk.settings.handlers.get(row.kind);
  let error: unknown;
  try {
    if (typeof handler === 'function') await handler(eventOf(desk, row));
  } catch (thrown) {
    error = thrown ?? new Error('The handler rejected');
  }
  await reach(desk, 'in-outbox');
  if (error !== undefined) desk.telemetry.failed('polyrail.gateway.handler', error);
  await desk.store.transaction(async (transaction) => {
    const current = await transaction.lockEvent(row.eventId);
    if (!sameDelivery(row, current)) return;
    if (error === undefined) await delivered(transaction, current);
    else await failed(desk, transaction, current);
  });
  return error === undefined;
}

/** Hands out the events of one entry, one after the other, until none is left or one must wait. */
export async function deliver(desk: Desk, jobKey: string): Promise<void> {
  while (!desk.closing.aborted) {
    let failing: EventRow | undefined;
    const taken = await desk.store
      .transaction(async (transaction) => {
        failing = await transaction.lockNextEvent(entryKeyOf(jobKey));
        return take(desk, transaction, jobKey);
      })
      .catch(async (error: unknown): Promise<Taken> => {
        // The handler's own work was undone with its transaction: this delivery counts as failed.
        const row = failing;
        if (row === undefined) throw error;
        desk.telemetry.failed('polyrail.gateway.handler', error);
        return desk.store.transaction(async (transaction): Promise<Taken> => {
          const current = await transaction.lockEvent(row.eventId);
          // It was committed, though nobody could tell: the next is looked at.
          if (!sameDelivery(row, current)) return 'done';
          await failed(desk, transaction, current);
          return 'later';
        });
      });
    if (taken === 'none' || taken === 'later') return;
    if (taken !== 'done' && !(await handOut(desk, taken))) return;
  }
  // The job ends with this run: what is left is another process's.
  await desk.store.transaction((transaction) =>
    schedule(transaction, entryKeyOf(jobKey), { kind: 'deliver', runAt: desk.clock.now() }),
  );
}

/** Puts a dead letter back in line. */
export async function replay(desk: Desk, eventId: string): Promise<void> {
  await desk.store.transaction(async (transaction) => {
    const row = await transaction.lockEvent(eventId);
    if (row?.status !== 'dead') {
      const message = `There is no dead letter ${eventId}`;
      throw new PolyrailError('REQUEST_INVALID', message, { field: 'eventId' });
    }
    const now = desk.clock.now();
    await transaction.updateEvent({ ...row, status: 'waiting', deliveries: 0, notBefore: now });
    await schedule(transaction, row, { kind: 'deliver', runAt: now });
  });
}

export const readEvent = (desk: Desk, row: EventRow): GatewayEvent => eventOf(desk, row);
