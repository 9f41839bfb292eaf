/** @polyrail/contest: channels beside the npm clients of their users, measured and attacked. */
export { archiveOf, billNumbers, type PackedFile, packFile } from './archive.ts';
export {
  type Attack,
  type Contestant,
  examine,
  type Found,
  foundNothing,
  type Row,
  scoreOf,
  tableOf,
} from './attack.ts';
export { type Measured, type Pay, runContestant } from './burst.ts';
export { type CertificateRequest, makeCertificate, type NamePrefix } from './certificate.ts';
export { cpuRounds } from './cpu.ts';
export { against, type Impostor, type Site, type Told } from './impostor.ts';
export { given, inFlight, makePair, orderIds, type Pair, strangersKeys } from './keys.ts';
export { median } from './median.ts';
export { type NetworkWatch, watchNetwork } from './network.ts';
export { circumstances, type PaymentRace, paymentsTable, racePayments } from './payments.ts';
export { type ReaderRace, raceReaders } from './readers.ts';
export type { Readers } from './reading.ts';
export { type Reply, serveReplies } from './server.ts';
export { printTable } from './table.ts';
export { takeTurns } from './turns.ts';
