/** @polyrail/simulator/doctor: why a signature does not verify, for whatever channel. */
export { commonCauses } from './doctor/common-causes.ts';
export { type Belief, diagnose, type Question } from './doctor/diagnosis.ts';
export {
  bytesOf,
  type FirstDifference,
  noSecrets,
  type Secrets,
  type Segment,
  type SignedText,
  secretFinder,
} from './doctor/difference.ts';
export {
  type Case,
  type Cause,
  type Ending,
  type Explanation,
  type Found,
  type Kind,
  noteOf,
  tell,
  type Variant,
  type Verdict,
} from './doctor/engine.ts';
export {
  beliefBytes,
  type ClientBelief,
  type DoctorInput,
  type DoctorMessage,
  requestShown,
} from './doctor/input.ts';
export { type Rewriting, rewritings } from './doctor/json.ts';
export { type PastedKey, readPastedKey, sameKey } from './doctor/keys.ts';
export * from './doctor/lines.ts';
export * from './doctor/pair-causes.ts';
export * from './doctor/pair-variants.ts';
export * from './doctor/pairs.ts';
export { createDoctor, type Doctor, doctorPath } from './doctor/route.ts';
export { type Holder, type KeyHolder, type Opened, openSignature } from './doctor/signature.ts';
export { shapeFound, type Words } from './doctor/signature-causes.ts';
export { digestOf } from './doctor/sm2.ts';
