/** @polyrail/gateway/postgres: the store of many gateway processes. Needs pg and graphile-worker. */
export { type PostgresOptions, postgresStore } from './store.ts';
