/**
 * gateway · postgres flight: the statements of one transaction. Those whose answer nobody needs are
 * sent and not waited for: the database runs them in order all the same, and a transaction in which
 * one failed cannot commit.
 */
import type { PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';

export interface Flight {
  /** Sends a statement and waits for its answer. */
  ask<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>>;
  /** Sends a statement; its failure is told by the commit. */
  tell(statement: QueryConfig): void;
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

export function beginFlight(client: PoolClient): Flight {
  const cork = createCork(client);
  const told: Promise<unknown>[] = [];
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    // Those behind the first fail because of it.
    failure ??= { error };
  };
  let over = false;
  const requireOpen = (): void => {
    // The connection is somebody else's by then.
    if (over) throw new Error('The transaction has ended');
  };
  const tell = (statement: QueryConfig): void => {
    requireOpen();
    cork();
    told.push(client.query(statement).catch(fail));
  };
  tell({ text: 'BEGIN ISOLATION LEVEL READ COMMITTED' });
  return {
    async ask<Row extends QueryResultRow>(statement: QueryConfig) {
      requireOpen();
      cork();
      try {
        return await client.query<Row>(statement);
      } catch (error) {
        fail(error);
        throw error;
      }
    },
    tell,
    async commit() {
      over = true;
      cork();
      const ended = client.query('COMMIT');
      const [{ command }] = await Promise.all([ended, ...told]);
      if (failure !== undefined) throw failure.error;
      // A statement of the merchant's own failed, and nobody told us.
      if (command !== 'COMMIT') throw new Error('The database undid the transaction');
    },
    async undo(error) {
      over = true;
      await Promise.all(told);
      const cause = failure?.error ?? error;
      // A connection that is lost has undone it already.
      await client.query('ROLLBACK').catch(() => undefined);
      return cause;
    },
  };
}
