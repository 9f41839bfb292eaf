/** @polyrail/gateway: durable payments over channels. */

export { type Channels, type GatewayOptions, onlyMerchant } from './config.ts';
export { createGateway } from './create.ts';
export { type Checkpoint, checkpoints } from './desk.ts';
export type { Attempt, Entry, Fate, Late, Proof, State, Told } from './entry.ts';
export { states } from './entry.ts';
export type { FollowOptions } from './follow.ts';
export type { FindOptions, Gateway, HistoryLine } from './gateway.ts';
export {
  type EventName,
  type GatewayEvent,
  type Handler,
  type Handlers,
  type PlainHandler,
  type TransactionalHandler,
  transactional,
} from './handlers.ts';
export type { BreakerOptions, LimitOptions, ServiceQuality } from './health.ts';
export type { Decision } from './late.ts';
export type { BeginOptions } from './order.ts';
export type { Patience } from './plan.ts';
export {
  type PaymentName,
  type PollAnswer,
  type PollOptions,
  pollAnswerOf,
  pollHandler,
} from './poll.ts';
export type * from './requests.ts';
export type { Risk, RiskAnswer, RiskQuestion } from './risk.ts';
export type { Route, RouteQuestion, RouteRule } from './route.ts';
export { type SqliteOptions, sqliteStore } from './sqlite.ts';
export type * from './store.ts';
export { EntryTaken } from './store.ts';
export type { VaultKey } from './vault.ts';
export type { WatchOptions } from './watch.ts';
export type { LatePolicy } from './weigh.ts';
