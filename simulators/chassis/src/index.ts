/** @polyrail/simulator: the chassis of every channel simulator. */
export {
  type AccountLine,
  type AccountMove,
  type Accounts,
  type AccountsOptions,
  createAccounts,
} from './accounts.ts';
export * from './certificates.ts';

export {
  type Charset,
  charsetOf,
  decodeText,
  encodeText,
  formDecode,
  formEncode,
} from './charset.ts';

export {
  type Clearing,
  createBankFinder,
  createReporter,
  type Joining,
  type Obligation,
  type Receipt,
  type Reporter,
  type ReporterOptions,
} from './clearing.ts';

export { createVirtualClock, type VirtualClock, type VirtualClockState } from './clock.ts';
export { type Concern, createThumb, stuck, type ThumbOptions } from './concern.ts';
export { type ControlRequest, controlRequests } from './control-requests.ts';
export type { Listener, Push, Sealed } from './courier.ts';
export type { EdgeResult } from './edge.ts';
export {
  type ArmedFault,
  createFaultBook,
  type FaultBook,
  type FaultBookOptions,
  type FaultName,
  type FaultRule,
  type FaultSubject,
  faultNames,
  type Story,
} from './faults.ts';
export type { MountOptions } from './host.ts';
export { dataTable, escapeHtml, type Html, html, type PageOptions, page, rawHtml } from './html.ts';
export { type HttpMountOptions, type MutualTls, mountHttp } from './http.ts';
export { mountInProcess } from './in-process.ts';
export {
  createJournal,
  type Journal,
  type JournalEntry,
  type JournalFilter,
  type JournalOptions,
} from './journal.ts';
export * from './ledger.ts';
export { createMint, type KeyOptions, type Mint } from './mint.ts';
export type { StandIn, StandInOptions, Standing } from './mounts/stand-in.ts';
export { generateQuickKeys } from './multi-prime.ts';
export { createNotices, type Notices } from './notices.ts';
export {
  createNotifier,
  type Notifier,
  type NotifierOptions,
  type PendingPush,
} from './notifier.ts';
export { type PfxContent, writePfx } from './pfx.ts';
export { type Problem, problem, problemOf } from './problem.ts';
export { createSeededRandom, type SeededRandom } from './random.ts';
export { createScrubber } from './scrub.ts';
export type {
  Exchange,
  Payer,
  Secure,
  SimulatedReply,
  SimulatedRequest,
  Simulator,
  SimulatorFactory,
  World,
} from './simulator.ts';
export type { Door, Site } from './site.ts';
export { writeZip, type ZipEntry } from './zip.ts';
