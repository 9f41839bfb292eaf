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

export function beginFlight(client: PoolClient): Flight {
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
    told.push(client.query(statement).catch(fail));
  };
  tell({ text: 'BEGIN ISOLATION LEVEL READ COMMITTED' });
  return {
    async ask<Row extends QueryResultRow>(statement: QueryConfig) {
      requireOpen();
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
