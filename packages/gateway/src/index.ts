/** @polyrail/gateway: durable payments over channels. */
export type * from './store.ts';
