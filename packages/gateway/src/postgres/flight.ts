/**
 * gateway · postgres flight: the statements of one transaction. What needs no answer is gathered, sent in
 * one statement before the next question, and not waited for: the database runs all in order, and a
 * transaction in which one failed cannot commit.
 */
import type { PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import type { MakeStatement } from './statements.ts';

/** Its name, then its values: what the database's function `write` does. */
export type Operation = readonly [name: string, ...values: (string | number)[]];

export interface Flight {
  /** Sends a statement and waits for its answer. */
  ask<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>>;
  /** Has something written before the next question; its failure is told by the commit. */
  tell(operation: Operation): void;
  /** Begins the transaction and sends what was told so far: what is asked next sees it. */
  begin(): void;
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

export function createFlight(client: PoolClient, statement: MakeStatement): Flight {
  const cork = createCork(client);
  const told: Promise<unknown>[] = [];
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    // Those behind the first fail because of it.
    failure ??= { error };
  };
  let [begun, over] = [false, false];
  const requireOpen = (): void => {
    // The connection is somebody else's by then.
    if (over) throw new Error('The transaction has ended');
  };
  const send = (query: QueryConfig): void => {
    cork();
    told.push(client.query(query).catch(fail));
  };
  let operations: Operation[] = [];
  const flush = (): void => {
    if (operations.length === 0) return;
    send(statement('write', [JSON.stringify(operations)]));
    operations = [];
  };
  const begin = (): void => {
    requireOpen();
    if (!begun) send({ text: 'BEGIN ISOLATION LEVEL READ COMMITTED' });
    begun = true;
    flush();
  };
  const end = async (): Promise<void> => {
    cork();
    const ended = client.query('COMMIT');
    const [{ command }] = await Promise.all([ended, ...told]);
    // A statement of the merchant's own failed, and nobody told us.
    if (failure === undefined && command !== 'COMMIT') {
      throw new Error('The database undid the transaction');
    }
  };
  return {
    begin,
    async ask<Row extends QueryResultRow>(question: QueryConfig) {
      begin();
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
      flush();
      over = true;
      // Where nothing was asked, all there is is one statement: a transaction of its own.
      await (begun ? end() : Promise.all(told));
      if (failure !== undefined) throw failure.error;
    },
    async undo(error) {
      over = true;
      await Promise.all(told);
      const cause = failure?.error ?? error;
      // A connection that is lost has undone it already.
      if (begun) await client.query('ROLLBACK').catch(() => undefined);
      return cause;
    },
  };
}
