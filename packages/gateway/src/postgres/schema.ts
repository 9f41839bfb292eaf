/**
 * gateway · postgres schema: each text brings the tables one step forward; none is ever changed.
 * Jobs lie in tables of graphile-worker, beside ours.
 */

/** Where everything lies: our own tables, and those of graphile-worker. */
export interface Names {
  readonly schema: string;
  readonly jobSchema: string;
}

/** Both are identifiers that need no quotes. */
export const namesOf = (schema: string): Names => ({ schema, jobSchema: `${schema}_jobs` });

type Migration = (names: Names) => string;

const tables: Migration = ({ schema }) => `
CREATE TABLE ${schema}.entry (
  number BIGINT GENERATED ALWAYS AS IDENTITY,
  merchant TEXT NOT NULL,
  noun TEXT NOT NULL,
  id TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (merchant, noun, id)
) WITH (fillfactor = 85);
CREATE INDEX entry_by_age ON ${schema}.entry (merchant, created_at, number);
CREATE INDEX entry_by_state ON ${schema}.entry (state, created_at, number);

CREATE TABLE ${schema}.attempt (
  merchant TEXT NOT NULL,
  channel TEXT NOT NULL,
  noun TEXT NOT NULL,
  attempt_id TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (merchant, channel, noun, attempt_id)
);

CREATE TABLE ${schema}.fact (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  merchant TEXT NOT NULL,
  noun TEXT NOT NULL,
  id TEXT NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX fact_by_entry ON ${schema}.fact (merchant, noun, id, number);

CREATE TABLE ${schema}.message (
  merchant TEXT NOT NULL,
  channel TEXT NOT NULL,
  message_id TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (merchant, channel, message_id)
);

CREATE TABLE ${schema}.channel_event (
  merchant TEXT NOT NULL,
  channel TEXT NOT NULL,
  channel_event_id TEXT NOT NULL,
  noun TEXT NOT NULL,
  id TEXT NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (merchant, channel, channel_event_id, noun, id)
);

CREATE TABLE ${schema}.event (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id TEXT NOT NULL UNIQUE,
  merchant TEXT NOT NULL,
  noun TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  at BIGINT NOT NULL,
  body TEXT NOT NULL,
  deliveries BIGINT NOT NULL,
  status TEXT NOT NULL,
  not_before BIGINT NOT NULL
);
CREATE INDEX event_waiting ON ${schema}.event (merchant, noun, id, number) WHERE status = 'waiting';
CREATE INDEX event_dead ON ${schema}.event (number) WHERE status = 'dead';
`;

/** Takes its key from a job that is under way: it may end, and cannot run again. */
const retire = 'key = NULL, attempts = job.max_attempts, updated_at = now()';

/** What a job goes by. Written out where there are many: the database does not inline a function of this. */
const jobNameOf = (kind: string, key: string): string =>
  `${kind} || ':' || encode(sha256(convert_to(${key}, 'UTF8')), 'hex')`;

/** A job that is scheduled again begins afresh, unless it is under way. */
const scheduledAgain = `ON CONFLICT (key) DO UPDATE SET
      run_at = excluded.run_at, attempts = 0, last_error = NULL,
      revision = job.revision + 1, updated_at = now()
    WHERE job.locked_at IS NULL`;

/**
 * What graphile-worker's own add_job does, but for three things. It tells every listener with NOTIFY,
 * which lets the database commit only one transaction at a time; it loses a job that a worker takes
 * up between its two statements; and a job taken from a crashed worker would keep its row, which the
 * worker, if it lives after all, deletes when it is done.
 */
const jobs: Migration = ({ schema, jobSchema }) => `
CREATE INDEX job_under_way ON ${jobSchema}._private_jobs (locked_at) WHERE is_available = false;

CREATE FUNCTION ${schema}.job_key(kind TEXT, key TEXT) RETURNS TEXT
LANGUAGE sql IMMUTABLE AS $$
  SELECT ${jobNameOf('kind', 'key')};
$$;

CREATE FUNCTION ${schema}.schedule(p_kind TEXT, p_key TEXT, p_run_at TIMESTAMPTZ) RETURNS VOID
LANGUAGE plpgsql AS $$
DECLARE
  v_key TEXT := ${schema}.job_key(p_kind, p_key);
BEGIN
  LOOP
    INSERT INTO ${jobSchema}._private_jobs AS job (task_id, payload, run_at, max_attempts, key)
    SELECT task.id, json_build_object('key', p_key), p_run_at, 32767, v_key
    FROM ${jobSchema}._private_tasks AS task WHERE task.identifier = p_kind
    ${scheduledAgain};
    EXIT WHEN FOUND;
    UPDATE ${jobSchema}._private_jobs AS job SET ${retire}
    WHERE job.key = v_key AND job.locked_at IS NOT NULL;
    IF NOT FOUND AND NOT EXISTS (
      SELECT FROM ${jobSchema}._private_tasks AS task WHERE task.identifier = p_kind
    ) THEN
      RAISE EXCEPTION 'No worker knows jobs of the kind %', p_kind;
    END IF;
  END LOOP;
END;
$$;

CREATE FUNCTION ${schema}.unschedule(p_kind TEXT, p_key TEXT) RETURNS VOID
LANGUAGE plpgsql AS $$
DECLARE
  v_key TEXT := ${schema}.job_key(p_kind, p_key);
BEGIN
  DELETE FROM ${jobSchema}._private_jobs AS job WHERE job.key = v_key AND job.locked_at IS NULL;
  IF NOT FOUND THEN
    UPDATE ${jobSchema}._private_jobs AS job SET ${retire} WHERE job.key = v_key;
  END IF;
END;
$$;

-- The job again, in a row of its own: after 1, 2, 4 ... 300 seconds less p_grace, or when no error is
-- told as if it had not begun. Nothing when it was scheduled anew or taken off since it did.
CREATE FUNCTION ${schema}.run_again(p_id BIGINT, p_error TEXT, p_grace INTERVAL) RETURNS VOID
LANGUAGE plpgsql AS $$
DECLARE
  v_job ${jobSchema}._private_jobs;
BEGIN
  SELECT * INTO v_job FROM ${jobSchema}._private_jobs AS job WHERE job.id = p_id FOR UPDATE;
  IF v_job.key IS NULL THEN RETURN; END IF;
  UPDATE ${jobSchema}._private_jobs AS job SET ${retire} WHERE job.id = p_id;
  INSERT INTO ${jobSchema}._private_jobs
    (task_id, payload, run_at, max_attempts, key, attempts, last_error)
  VALUES (
    v_job.task_id, v_job.payload,
    CASE WHEN p_error IS NULL THEN v_job.run_at
      ELSE now() + least(300, 2 ^ least(v_job.attempts - 1, 10)) * interval '1 second' - p_grace END,
    v_job.max_attempts, v_job.key,
    CASE WHEN p_error IS NULL THEN v_job.attempts - 1 ELSE least(v_job.attempts, 1000) END,
    p_error
  );
END;
$$;

-- Jobs that run for longer than p_lease: their worker crashed, or hangs.
CREATE FUNCTION ${schema}.recover(p_lease INTERVAL) RETURNS BIGINT
LANGUAGE plpgsql AS $$
DECLARE
  v_id BIGINT;
  v_count BIGINT := 0;
BEGIN
  FOR v_id IN
    SELECT job.id FROM ${jobSchema}._private_jobs AS job
    WHERE job.is_available = false AND job.locked_at < now() - p_lease
    ORDER BY job.locked_at LIMIT 100 FOR UPDATE SKIP LOCKED
  LOOP
    PERFORM ${schema}.run_again(v_id, 'ran for longer than its lease', interval '1 second');
    DELETE FROM ${jobSchema}._private_jobs AS job WHERE job.id = v_id;
    v_count := v_count + 1;
  END LOOP;
  RETURN v_count;
END;
$$;
`;

/** What `write` does, by the name of the operation `o`, an array with its name first. */
type Operations = Readonly<Record<string, (names: Names) => string>>;

const writing: Operations = {
  appendFact: ({ schema }) => `
        INSERT INTO ${schema}.fact (merchant, noun, id, at, kind, body)
        VALUES (o->>1, o->>2, o->>3, (o->>4)::bigint, o->>5, o->>6);`,
  updateEntry: ({ schema }) => `
        UPDATE ${schema}.entry AS entry SET
          state = o->>4, version = (o->>5)::bigint, updated_at = (o->>6)::bigint, body = o->>7
        WHERE entry.merchant = o->>1 AND entry.noun = o->>2 AND entry.id = o->>3;`,
  schedule: ({ schema }) => `
        PERFORM ${schema}.schedule(o->>1, o->>2, to_timestamp((o->>3)::float8 / 1000));`,
  unschedule: ({ schema }) => `
        PERFORM ${schema}.unschedule(o->>1, o->>2);`,
  nameAttempt: ({ schema }) => `
        INSERT INTO ${schema}.attempt (merchant, channel, noun, attempt_id, id)
        VALUES (o->>1, o->>2, o->>3, o->>4, o->>5) ON CONFLICT DO NOTHING;`,
  insertEvent: ({ schema }) => `
        INSERT INTO ${schema}.event
          (merchant, noun, id, event_id, kind, at, body, deliveries, status, not_before)
        VALUES (o->>1, o->>2, o->>3, o->>4, o->>5, (o->>6)::bigint, o->>7, (o->>8)::bigint,
          o->>9, (o->>10)::bigint);`,
  updateEvent: ({ schema }) => `
        UPDATE ${schema}.event AS event SET
          deliveries = (o->>2)::bigint, status = o->>3, not_before = (o->>4)::bigint
        WHERE event.event_id = o->>1;`,
};

/** The entry that a transaction wants to insert is there: our own code beside the database's. */
export const takenCode = 'PR001';

/** With these a whole order, and the outcome of a call, is one statement without a question before it. */
const claiming: Operations = {
  insertEntry: ({ schema }) => `
        INSERT INTO ${schema}.entry
          (merchant, noun, id, state, version, created_at, updated_at, body)
        VALUES (o->>1, o->>2, o->>3, o->>4, (o->>5)::bigint, (o->>6)::bigint, (o->>7)::bigint,
          o->>8) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
          RAISE EXCEPTION 'The entry is taken' USING ERRCODE = '${takenCode}';
        END IF;`,
  expectEntry: ({ schema }) => `
        PERFORM FROM ${schema}.entry AS entry
        WHERE entry.merchant = o->>1 AND entry.noun = o->>2 AND entry.id = o->>3
          AND entry.version = (o->>4)::bigint FOR UPDATE;
        IF NOT FOUND THEN
          RAISE EXCEPTION 'The entry has changed' USING ERRCODE = 'serialization_failure';
        END IF;`,
};

/**
 * Everything that a transaction tells and needs no answer to, in one statement: a statement costs the
 * database and its client more than what most of these do.
 */
const writeWith =
  (type: 'json' | 'jsonb', operations: Operations): Migration =>
  (names) =>
    `
CREATE FUNCTION ${names.schema}.write(p_operations ${type}) RETURNS VOID
LANGUAGE plpgsql AS $$
DECLARE
  o ${type};
BEGIN
  FOR o IN SELECT value FROM ${type}_array_elements(p_operations) LOOP
    CASE o->>0
${Object.entries(operations)
  .map(([name, sql]) => `      WHEN '${name}' THEN${sql(names)}`)
  .join('\n')}
      ELSE
        RAISE EXCEPTION 'There is no operation %', o->>0;
    END CASE;
  END LOOP;
END;
$$;
`;

/**
 * The operations of one name among all, each an array `o` of its values. That it is one makes the database expect
 * a single row: of the hundred that it would expect else, it reads a small table whole for each statement, and
 * goes on to when the table has grown.
 */
const each = (name: string): string =>
  `(SELECT line.o FROM jsonb_array_elements(p_all->'${name}') AS line (o)\n      WHERE jsonb_typeof(line.o) = 'array') AS operation (o)`;
const ifAny = (name: string, sql: string): string => `  IF p_all ? '${name}' THEN${sql}\n  END IF;`;

const entryIs = 'entry.merchant = o->>0 AND entry.noun = o->>1 AND entry.id = o->>2';

/**
 * What transactions write, by the name of the operation: all of one name in one statement. Of each entry,
 * event and job there is one line at most under a name, in the order in which everybody locks. An entry that
 * somebody else holds counts as changed: whoever waits for it must hold up nobody. Entries are found by their
 * index whatever the database guesses of a table that grows.
 */
const writeAll: Migration = ({ schema, jobSchema }) => `
CREATE FUNCTION ${schema}.write_all(p_all JSONB) RETURNS VOID
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_count BIGINT;
BEGIN
${ifAny(
  'expectEntry',
  `
    SELECT count(*) INTO v_count FROM (
      SELECT FROM ${each('expectEntry')}
      JOIN ${schema}.entry AS entry ON ${entryIs} AND entry.version = (o->>3)::bigint
      FOR UPDATE OF entry SKIP LOCKED
    ) AS standing;
    IF v_count <> jsonb_array_length(p_all->'expectEntry') THEN
      RAISE EXCEPTION 'An entry has changed' USING ERRCODE = 'serialization_failure';
    END IF;`,
)}
${ifAny(
  'insertEntry',
  `
    INSERT INTO ${schema}.entry
      (merchant, noun, id, state, version, created_at, updated_at, body)
    SELECT o->>0, o->>1, o->>2, o->>3, (o->>4)::bigint, (o->>5)::bigint, (o->>6)::bigint, o->>7
    FROM ${each('insertEntry')} ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_count <> jsonb_array_length(p_all->'insertEntry') THEN
      RAISE EXCEPTION 'An entry is taken' USING ERRCODE = '${takenCode}';
    END IF;`,
)}
${ifAny(
  'updateEntry',
  `
    UPDATE ${schema}.entry AS entry SET
      state = o->>3, version = (o->>4)::bigint, updated_at = (o->>5)::bigint, body = o->>6
    FROM ${each('updateEntry')} WHERE ${entryIs};`,
)}
${ifAny(
  'appendFact',
  `
    INSERT INTO ${schema}.fact (merchant, noun, id, at, kind, body)
    SELECT o->>0, o->>1, o->>2, (o->>3)::bigint, o->>4, o->>5 FROM ${each('appendFact')};`,
)}
${ifAny(
  'nameAttempt',
  `
    INSERT INTO ${schema}.attempt (merchant, channel, noun, attempt_id, id)
    SELECT o->>0, o->>1, o->>2, o->>3, o->>4 FROM ${each('nameAttempt')} ON CONFLICT DO NOTHING;`,
)}
${ifAny(
  'insertEvent',
  `
    INSERT INTO ${schema}.event
      (merchant, noun, id, event_id, kind, at, body, deliveries, status, not_before)
    SELECT o->>0, o->>1, o->>2, o->>3, o->>4, (o->>5)::bigint, o->>6, (o->>7)::bigint, o->>8,
      (o->>9)::bigint FROM ${each('insertEvent')};`,
)}
${ifAny(
  'updateEvent',
  `
    UPDATE ${schema}.event AS event SET
      deliveries = (o->>1)::bigint, status = o->>2, not_before = (o->>3)::bigint
    FROM ${each('updateEvent')} WHERE event.event_id = o->>0;`,
)}
${ifAny(
  'unschedule',
  `
    PERFORM ${schema}.unschedule(o->>0, o->>1) FROM ${each('unschedule')};`,
)}
${ifAny(
  'schedule',
  `
    INSERT INTO ${jobSchema}._private_jobs AS job (task_id, payload, run_at, max_attempts, key)
    SELECT task.id, json_build_object('key', o->>1), to_timestamp((o->>2)::float8 / 1000), 32767,
      ${jobNameOf('(o->>0)', 'o->>1')}
    FROM ${each('schedule')}
    JOIN ${jobSchema}._private_tasks AS task ON task.identifier = o->>0
    ${scheduledAgain};
    GET DIAGNOSTICS v_count = ROW_COUNT;
    -- Some are under way, or of a kind that nobody knows: that is told one by one.
    IF v_count <> jsonb_array_length(p_all->'schedule') THEN
      PERFORM ${schema}.schedule(o->>0, o->>1, to_timestamp((o->>2)::float8 / 1000))
      FROM ${each('schedule')};
    END IF;`,
)}
END;
$$;
`;

export const migrations: readonly Migration[] = [
  tables,
  jobs,
  writeWith('json', writing),
  // Each operation is read once, and not once for each of its values.
  writeWith('jsonb', { ...writing, ...claiming }),
  writeAll,
];
