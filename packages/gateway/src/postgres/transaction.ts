/** gateway · postgres transaction: the contract's verbs as statements of one transaction. */
import type {
  EntryKey,
  EntryRow,
  EventRow,
  FactRow,
  Job,
  MessageRow,
  Transaction,
} from '../store.ts';
import { createFlight, type Flight, type FlightOptions } from './flight.ts';
import type { MakeStatement } from './statements.ts';

const valuesOf = ({ merchant, noun, id }: EntryKey): [string, string, string] => [
  merchant,
  noun,
  id,
];

interface Parts {
  readonly flight: Flight;
  readonly statement: MakeStatement;
  /** Whether an entry is taken for what was seen of it: not where that led to a conflict. */
  readonly trusting: boolean;
}

function entriesOf({ flight, statement, trusting }: Parts) {
  return {
    async insertEntry(row: EntryRow) {
      const { state, version, createdAt, updatedAt, body } = row;
      const values = [...valuesOf(row), state, version, createdAt, updatedAt, body] as const;
      flight.tell(['insertEntry', ...values]);
    },
    async lockEntry(key: EntryKey, seen?: number) {
      if (seen === undefined || !trusting) {
        return (await flight.ask<EntryRow>(statement('lockEntry', valuesOf(key)))).rows[0];
      }
      flight.tell(['expectEntry', ...valuesOf(key), seen]);
      return 'unchanged';
    },
    async updateEntry(row: EntryRow) {
      const { state, version, updatedAt, body } = row;
      flight.tell(['updateEntry', ...valuesOf(row), state, version, updatedAt, body]);
    },
    async appendFact(row: FactRow) {
      flight.tell(['appendFact', ...valuesOf(row), row.at, row.kind, row.body]);
    },
  } satisfies Partial<Transaction>;
}

function inboxOf({ flight, statement }: Parts) {
  return {
    async nameAttempt({ merchant, channel, noun, attemptId, id }) {
      flight.tell(['nameAttempt', merchant, channel, noun, attemptId, id]);
    },
    async findAttempt({ merchant, channel, noun, attemptId }) {
      const values = [merchant, channel, noun, attemptId];
      return (await flight.ask<EntryKey>(statement('findAttempt', values))).rows[0];
    },
    async insertMessage({ merchant, channel, messageId, receivedAt, body }) {
      const values = [merchant, channel, messageId, receivedAt, body];
      return (await flight.ask(statement('insertMessage', values))).rowCount === 1;
    },
    async findMessage({ merchant, channel, messageId }) {
      const values = [merchant, channel, messageId];
      return (await flight.ask<MessageRow>(statement('findMessage', values))).rows[0];
    },
    async claimEvent({ merchant, channel, channelEventId, noun, id, digest }) {
      const names = [merchant, channel, channelEventId, noun, id];
      const { rowCount } = await flight.ask(statement('claimEvent', [...names, digest]));
      if (rowCount === 1) return digest;
      const { rows } = await flight.ask<{ digest: string }>(statement('findClaim', names));
      return rows[0]?.digest ?? digest;
    },
  } satisfies Partial<Transaction>;
}

function outboxOf({ flight, statement }: Parts) {
  return {
    async insertEvent(row: EventRow) {
      const { eventId, kind, at, body, deliveries, status, notBefore } = row;
      const rest = [eventId, kind, at, body, deliveries, status, notBefore];
      flight.tell(['insertEvent', ...valuesOf(row), ...rest]);
    },
    async lockNextEvent(key: EntryKey) {
      return (await flight.ask<EventRow>(statement('lockNextEvent', valuesOf(key)))).rows[0];
    },
    async lockEvent(eventId: string) {
      return (await flight.ask<EventRow>(statement('lockEvent', [eventId]))).rows[0];
    },
    async updateEvent({ eventId, deliveries, status, notBefore }: EventRow) {
      flight.tell(['updateEvent', eventId, deliveries, status, notBefore]);
    },
  } satisfies Partial<Transaction>;
}

export interface Ended<T> {
  readonly value: T;
  /** When the jobs that it scheduled are due. */
  readonly due: readonly number[];
}

export interface Run extends FlightOptions, Pick<Parts, 'trusting'> {}

/** Runs the work in one transaction. */
export async function runOnce<T>(
  { trusting, ...options }: Run,
  work: (transaction: Transaction) => Promise<T>,
): Promise<Ended<T>> {
  const flight = createFlight(options);
  const parts = { flight, statement: options.statement, trusting };
  const due: number[] = [];
  const transaction: Transaction = {
    get native() {
      return flight.native();
    },
    ...entriesOf(parts),
    ...inboxOf(parts),
    ...outboxOf(parts),
    async schedule({ kind, key, runAt }: Job) {
      flight.tell(['schedule', kind, key, runAt]);
      due.push(runAt);
    },
    async unschedule({ kind, key }) {
      flight.tell(['unschedule', kind, key]);
    },
  };
  try {
    const value = await work(transaction);
    await flight.commit();
    return { value, due };
  } catch (error) {
    throw await flight.undo(error);
  }
}
