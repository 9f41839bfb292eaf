/** gateway · sqlite schema: each text brings the tables one step forward; none is ever changed. */
export const migrations: readonly string[] = [
  `
CREATE TABLE entry (
  merchant TEXT NOT NULL,
  noun TEXT NOT NULL,
  id TEXT NOT NULL,
  state TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (merchant, noun, id)
) STRICT;
CREATE INDEX entry_by_age ON entry (merchant, created_at);

CREATE TABLE attempt (
  merchant TEXT NOT NULL,
  channel TEXT NOT NULL,
  noun TEXT NOT NULL,
  attempt_id TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (merchant, channel, noun, attempt_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE fact (
  number INTEGER PRIMARY KEY,
  merchant TEXT NOT NULL,
  noun TEXT NOT NULL,
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX fact_by_entry ON fact (merchant, noun, id);

CREATE TABLE message (
  merchant TEXT NOT NULL,
  channel TEXT NOT NULL,
  message_id TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (merchant, channel, message_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE channel_event (
  merchant TEXT NOT NULL,
  channel TEXT NOT NULL,
  channel_event_id TEXT NOT NULL,
  noun TEXT NOT NULL,
  id TEXT NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (merchant, channel, channel_event_id, noun, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
  number INTEGER PRIMARY KEY,
  event_id TEXT NOT NULL UNIQUE,
  merchant TEXT NOT NULL,
  noun TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  body TEXT NOT NULL,
  deliveries INTEGER NOT NULL,
  status TEXT NOT NULL,
  not_before INTEGER NOT NULL
) STRICT;
CREATE INDEX event_waiting ON event (merchant, noun, id, number) WHERE status = 'waiting';
CREATE INDEX event_dead ON event (number) WHERE status = 'dead';

CREATE TABLE job (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  run_at INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  token INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_by_time ON job (next_at, kind, key);
`,
  // Jobs stand in the order in which they came: what falls due together lies together, so that looking at
  // many changes few pages, however many there are.
  `
CREATE TABLE job_in_order (
  number INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  run_at INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  token INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  UNIQUE (kind, key)
) STRICT;
INSERT INTO job_in_order (kind, key, run_at, next_at, token, failures)
  SELECT kind, key, run_at, next_at, token, failures FROM job ORDER BY next_at;
DROP TABLE job;
ALTER TABLE job_in_order RENAME TO job;
CREATE INDEX job_by_time ON job (next_at, kind);
`,
  // What is listed is found without reading the table, which would keep the whole process waiting.
  `
CREATE INDEX entry_by_state ON entry (state, created_at);
CREATE INDEX entry_by_noun ON entry (merchant, noun, created_at);
`,
];
