/** conformance · vocabulary: the words of the contract that exist as types only, as lists. */
import type { Scene, SignUpScene, StatementKind, Verb } from '@polyrail/core';

/** An object must name every word of a type, so that none is forgotten here. */
const wordsOf = <T extends string>(words: { readonly [W in T]: true }): readonly T[] =>
  Object.keys(words) as T[];

export const verbsOfTheContract = wordsOf<Verb>({
  pay: true,
  confirmPay: true,
  query: true,
  close: true,
  cancel: true,
  reverse: true,
  queryCancellation: true,
  refund: true,
  queryRefund: true,
  authorize: true,
  queryAuthorization: true,
  capture: true,
  cancelAuthorization: true,
  cancelCapture: true,
  signUp: true,
  confirmSignUp: true,
  querySignUp: true,
  signOff: true,
  payout: true,
  queryPayout: true,
  cancelPayout: true,
  statement: true,
  balance: true,
  receive: true,
  acknowledge: true,
});

export const scenesOfTheContract = wordsOf<Scene>({
  qr: true,
  barcode: true,
  page: true,
  h5: true,
  app: true,
  'in-wallet': true,
  agreement: true,
  card: true,
});

export const signUpScenesOfTheContract = wordsOf<SignUpScene>({
  page: true,
  qr: true,
  app: true,
  otp: true,
  card: true,
});

export const statementKindsOfTheContract = wordsOf<StatementKind>({ trade: true, funds: true });
