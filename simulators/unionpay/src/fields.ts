/** unionpay simulator · fields: what the edge demands before it knows what a message is about. */
import { charsetOf } from './charset.ts';
import { invalid, invalidRequest, missed } from './codes.ts';
import type { Fields } from './form.ts';
import { isSignMethod } from './seal.ts';
import { parseTime } from './time.ts';

const versions = ['5.1.0', '5.0.0', '5.0.1', '1.0.0'];
const matches = (pattern: RegExp) => (value: string) => pattern.test(value);
const isTime = (value: string): boolean => parseTime(value) !== undefined;
const within = (longest: number) => (value: string) => value.length <= longest;
const isAmount = matches(/^(?!0+$)\d{1,12}$/);
const isAddress = (value: string): boolean =>
  value.length <= 256 && /^https?:\/\//i.test(value) && URL.canParse(value);

/** What a field may be, where it is sent and not empty. */
const checks: Readonly<Record<string, (value: string) => boolean>> = {
  version: (value) => versions.includes(value),
  encoding: (value) => charsetOf(value) !== undefined,
  signMethod: isSignMethod,
  certId: matches(/^\d{1,128}$/),
  signature: within(1_024),
  txnType: matches(/^\d\d$/),
  txnSubType: matches(/^\d\d$/),
  bizType: matches(/^\d{6}$/),
  channelType: matches(/^\d\d$/),
  accessType: matches(/^[0-2]$/),
  merId: matches(/^[A-Za-z0-9]{15}$/),
  acqInsCode: matches(/^[A-Za-z0-9]{8,11}$/),
  orderId: matches(/^[A-Za-z0-9]{8,40}$/),
  txnTime: isTime,
  payTimeout: isTime,
  txnAmt: isAmount,
  totalAmt: isAmount,
  totalQty: matches(/^(?!0+$)\d{1,6}$/),
  batchNo: matches(/^(?!0000)\d{4}$/),
  currencyCode: matches(/^\d{3}$/),
  accType: matches(/^0[1-4]$/),
  origQryId: matches(/^[A-Za-z0-9]{21}$/),
  queryId: matches(/^[A-Za-z0-9]{21}$/),
  backUrl: isAddress,
  frontUrl: isAddress,
  frontFailUrl: isAddress,
  orderDesc: within(256),
  reqReserved: within(1_024),
  reserved: within(2_048),
  accNo: within(1_024),
  customerInfo: within(4_096),
  encryptCertId: matches(/^\d{1,128}$/),
  qrNo: matches(/^\d{1,20}$/),
  bindId: matches(/^[\x21-\x7e]{1,128}$/),
  termId: matches(/^[A-Za-z0-9]{1,8}$/),
  settleDate: matches(/^(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/),
  fileType: matches(/^\d\d$/),
  certType: matches(/^\d\d$/),
  tokenPayData: matches(/^\{[^{}]*\}$/),
};

const head = [
  ...['version', 'encoding', 'signMethod', 'signature', 'txnType', 'txnSubType', 'bizType'],
  ...['accessType', 'merId', 'txnTime'],
];

export interface Demands {
  /** Beside the head. */
  readonly mandatory: readonly string[];
  /** One of these at least. */
  readonly either?: readonly string[];
  /** May be left out, but not sent empty. */
  readonly conditional?: readonly string[];
}

/** Refuses what names nobody: that is answered without a signature. */
export function requireNamed(fields: Fields): void {
  const { merId = '', orderId, txnTime = '' } = fields;
  if (merId === '' || txnTime === '' || orderId === '') throw invalidRequest();
}

/** Refuses a message whose fields are missing or malformed; the first one found is named. */
export function requireFields(
  fields: Fields,
  { mandatory, either = [], conditional = [] }: Demands,
): void {
  const certified = fields['signMethod'] === '01' || fields['signMethod'] === '21';
  for (const name of [...head, ...(certified ? ['certId'] : []), ...mandatory]) {
    if ((fields[name] ?? '') === '') throw missed(name);
  }
  const [first] = either;
  if (first !== undefined && either.every((name) => (fields[name] ?? '') === '')) {
    throw missed(first);
  }
  for (const name of conditional) if (fields[name] === '') throw invalid(name);
  for (const [name, check] of Object.entries(checks)) {
    const value = fields[name] ?? '';
    if (value !== '' && !check(value)) throw invalid(name);
  }
}
