/** gateway · postgres statements: the texts, and how rows come back as the contract's. */
import type { EntryFilter } from '../store.ts';
import type { Names } from './schema.ts';

const entryColumns =
  'merchant, noun, id, state, version::float8 AS version, created_at::float8 AS "createdAt", ' +
  'updated_at::float8 AS "updatedAt", body';
const eventColumns =
  'event_id AS "eventId", merchant, noun, id, kind, at::float8 AS at, body, ' +
  'deliveries::float8 AS deliveries, status, not_before::float8 AS "notBefore"';
const byKey = 'merchant = $1 AND noun = $2 AND id = $3';

/** Each is prepared once for a connection, under its name. */
const statementsOf = ({ schema, jobSchema }: Names) =>
  ({
    // Each by the index, whatever the database guesses of a table that grows.
    findEntries:
      `SELECT found.* FROM unnest($1::text[], $2::text[], $3::text[]) AS key (m, n, i) ` +
      `CROSS JOIN LATERAL (SELECT ${entryColumns} FROM ${schema}.entry ` +
      'WHERE merchant = key.m AND noun = key.n AND id = key.i LIMIT 1) AS found',
    lockEntry: `SELECT ${entryColumns} FROM ${schema}.entry WHERE ${byKey} FOR UPDATE`,
    findAttempt:
      `SELECT merchant, noun, id FROM ${schema}.attempt ` +
      'WHERE merchant = $1 AND channel = $2 AND noun = $3 AND attempt_id = $4',
    listFacts:
      `SELECT merchant, noun, id, at::float8 AS at, kind, body FROM ${schema}.fact ` +
      `WHERE ${byKey} ORDER BY number`,
    insertMessage:
      `INSERT INTO ${schema}.message (merchant, channel, message_id, received_at, body) ` +
      'VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING',
    findMessage:
      'SELECT merchant, channel, message_id AS "messageId", ' +
      `received_at::float8 AS "receivedAt", body FROM ${schema}.message ` +
      'WHERE merchant = $1 AND channel = $2 AND message_id = $3',
    claimEvent:
      `INSERT INTO ${schema}.channel_event ` +
      '(merchant, channel, channel_event_id, noun, id, digest) ' +
      'VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING',
    findClaim:
      `SELECT digest FROM ${schema}.channel_event WHERE merchant = $1 AND channel = $2 ` +
      'AND channel_event_id = $3 AND noun = $4 AND id = $5',
    lockNextEvent:
      `SELECT ${eventColumns} FROM ${schema}.event WHERE ${byKey} AND status = 'waiting' ` +
      'ORDER BY number LIMIT 1 FOR UPDATE',
    lockEvent: `SELECT ${eventColumns} FROM ${schema}.event WHERE event_id = $1 FOR UPDATE`,
    listDeadEvents:
      `SELECT ${eventColumns} FROM ${schema}.event WHERE status = 'dead' ` +
      'AND merchant = coalesce($1, merchant) ORDER BY number LIMIT $2',
    backlog:
      'SELECT count(*)::float8 AS due, (extract(epoch FROM min(run_at)) * 1000)::float8 AS oldest ' +
      `FROM ${jobSchema}._private_jobs AS job WHERE job.is_available = true ` +
      'AND job.run_at <= to_timestamp($2::float8 / 1000) AND job.task_id = ' +
      `(SELECT task.id FROM ${jobSchema}._private_tasks AS task WHERE task.identifier = $1)`,
    write: `SELECT ${schema}.write_all($1::jsonb)`,
    runAgain: `SELECT ${schema}.run_again($1, $2, interval '0')`,
    recover: `SELECT ${schema}.recover($1 * interval '1 millisecond')::float8 AS count`,
  }) as const satisfies Readonly<Record<string, string>>;

export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/** One of the statements with its values, as the database's client wants it. */
export function statementMaker(names: Names) {
  const texts = statementsOf(names);
  return (label: keyof typeof texts, values: readonly unknown[]): Statement => ({
    name: `${names.schema}.${label}`,
    text: texts[label],
    values: [...values],
  });
}
export type MakeStatement = ReturnType<typeof statementMaker>;

/** Entries, newest first: the conditions that were asked for and no others, so that an index fits. */
export function listEntriesOf(
  { schema }: Names,
  conditions: Readonly<Record<string, unknown>>,
  { before, limit }: Pick<EntryFilter, 'before' | 'limit'>,
): Pick<Statement, 'text' | 'values'> {
  const given = Object.entries(conditions).filter(([, value]) => value !== undefined);
  const values = given.map(([, value]) => value);
  const where = given.map(([column], index) => `${column} = $${index + 1}`);
  if (before !== undefined) {
    const { merchant, noun, id } = before;
    const named = Object.entries({ merchant, noun, id }).map(
      ([column, value]) => `${column} = $${values.push(value)}`,
    );
    const place = `SELECT created_at, number FROM ${schema}.entry WHERE ${named.join(' AND ')}`;
    where.push(`(created_at, number) < (${place})`);
  }
  const text =
    `SELECT ${entryColumns} FROM ${schema}.entry ` +
    (where.length > 0 ? `WHERE ${where.join(' AND ')} ` : '') +
    `ORDER BY created_at DESC, number DESC LIMIT $${values.push(limit)}`;
  return { text, values };
}
