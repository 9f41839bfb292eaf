/**
 * gateway · postgres flight: the statements of one transaction. What needs no answer is gathered, sent in
 * one statement before the next question, and not waited for: the database runs all in order, and a
 * transaction in which one failed cannot commit. One that asks nothing needs no connection of its own.
 */
import type { PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { inOne, type Operation } from './operations.ts';
import type { MakeStatement } from './statements.ts';
import type { Together } from './together.ts';

export interface Flight {
  /** Sends a statement and waits for its answer. */
  ask<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>>;
  /** Has something written before the next question; its failure is told by the commit. */
  tell(operation: Operation): void;
  /**
   * The connection that carries the transaction, and sees all that was told so far.
   *
   * @throws WantsConnection where it has none yet
   */
  native(): PoolClient;
  /** Rejects with the first failure, and then nothing has happened. */
  commit(): Promise<void>;
  /** Undoes everything, and answers with what was at the bottom of the failure. */
  undo(error: unknown): Promise<unknown>;
}

/** The socket of a connection, which `pg` does not declare. */
interface Corkable {
  readonly connection?: { readonly stream?: { cork?(): void; uncork?(): void } };
}

/** Has the statements that are sent in one turn leave in one write: each write is a system call. */
function createCork(client: PoolClient): () => void {
  const stream = (client as Corkable).connection?.stream;
  let corked = false;
  return () => {
    if (corked || stream?.cork === undefined) return;
    corked = true;
    stream.cork();
    process.nextTick(() => {
      corked = false;
      stream.uncork?.();
    });
  };
}

/** The database takes no text with half a character in it: such a half becomes U+FFFD, as in any other. */
const whole = (value: string | number): string | number =>
  typeof value === 'string' && !value.isWellFormed() ? value.toWellFormed() : value;

/** It has to run again, with a connection from the beginning. */
export class WantsConnection extends Error {
  override readonly name = 'WantsConnection';
}

export interface FlightOptions {
  /** A connection for this transaction alone. */
  connect(): Promise<PoolClient>;
  /** Where it has one from the beginning. */
  readonly client?: PoolClient | undefined;
  readonly together: Together;
  readonly statement: MakeStatement;
}

/** The connection that carries it, and what has its statements leave together. */
interface Carrier {
  readonly client: PoolClient;
  readonly cork: () => void;
}
const carrierOf = (client: PoolClient): Carrier => ({ client, cork: createCork(client) });

export function createFlight({ connect, client, together, statement }: FlightOptions): Flight {
  const told: Promise<unknown>[] = [];
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    // Those behind the first fail because of it.
    failure ??= { error };
  };
  /** Set once the transaction has begun. */
  let begun: Carrier | undefined;
  let over = false;
  const requireOpen = (): void => {
    // The connection is somebody else's by then.
    if (over) throw new Error('The transaction has ended');
  };
  const send = ({ client, cork }: Carrier, query: QueryConfig): void => {
    cork();
    told.push(client.query(query).catch(fail));
  };
  let operations: Operation[] = [];
  const flush = (by: Carrier): void => {
    if (operations.length === 0) return;
    send(by, statement('write', [inOne(operations)]));
    operations = [];
  };
  const begin = (by: Carrier): Carrier => {
    requireOpen();
    if (begun === undefined) send(by, { text: 'BEGIN ISOLATION LEVEL READ COMMITTED' });
    begun = by;
    flush(by);
    return by;
  };
  const end = async ({ client, cork }: Carrier): Promise<void> => {
    cork();
    const ended = client.query('COMMIT');
    const [{ command }] = await Promise.all([ended, ...told]);
    // A statement of the merchant's own failed, and nobody told us.
    if (failure === undefined && command !== 'COMMIT') {
      throw new Error('The database undid the transaction');
    }
  };
  return {
    native() {
      requireOpen();
      const given = begun ?? (client && carrierOf(client));
      if (given !== undefined) return begin(given).client;
      const wanted = new WantsConnection();
      fail(wanted);
      throw wanted;
    },
    async ask<Row extends QueryResultRow>(question: QueryConfig) {
      requireOpen();
      const { client, cork } = begin(begun ?? carrierOf(await connect()));
      cork();
      try {
        return await client.query<Row>(question);
      } catch (error) {
        fail(error);
        throw error;
      }
    },
    tell(operation) {
      requireOpen();
      operations.push(operation.map(whole) as unknown as Operation);
    },
    async commit() {
      if (begun !== undefined) flush(begun);
      over = true;
      if (begun !== undefined) await end(begun);
      if (failure !== undefined) throw failure.error;
      if (operations.length > 0) await together.write(operations);
    },
    async undo(error) {
      over = true;
      await Promise.all(told);
      const cause = failure?.error ?? error;
      // A connection that is lost has undone it already.
      await begun?.client.query('ROLLBACK').catch(() => undefined);
      return cause;
    },
  };
}
