/** @polyrail/conformance: the numbered laws, runnable by anyone on their own adapter. */
export { catalogueOf, type MatrixEntry, matrixOf } from './catalogue.ts';
export type { ExamineOptions, Result, Verdict } from './examine.ts';
export type { Law, Level } from './law.ts';
export { laws } from './laws.ts';
export { countOf, type Report, summaryOf, toJson, toJunit, toMarkdown } from './report.ts';
export type {
  Acceptance,
  AgreementTruth,
  AuthorizationTruth,
  ClientIdentity,
  ClientTls,
  FaultOrder,
  Impostor,
  ImpostorReply,
  InvalidCredentials,
  PayeeSample,
  PayoutTruth,
  Samples,
  Site,
  Subject,
  Truth,
} from './subject.ts';
export { type ConformOptions, conform, examine, type Runner } from './suite.ts';
