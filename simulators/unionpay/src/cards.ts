/** unionpay simulator · cards: invented people, their cards, and the banks with their differences. */
import { minuteMs, secondMs } from './time.ts';

/** What a bank may be asked to check, in the names of `customerInfo`. */
export type Factor = 'certifId' | 'customerNm' | 'phoneNo' | 'cvn2' | 'expired';

export interface Bank {
  readonly name: string;
  /** What it checks at an opening: a wrong factor beyond these passes. */
  readonly checks: readonly Factor[];
  /** Of these, what it cannot do without. */
  readonly demands: readonly Factor[];
  readonly sendsSms: boolean;
  /** Whether a card that is open already may be opened again. */
  readonly rebinds: boolean;
  /** An opening is answered by a timeout and carried out so much later. */
  readonly openingMs?: number;
  /** How long a payment takes beyond the usual. */
  readonly slowMs?: number;
}

export type BankName = keyof typeof banks;

const fourFactors = ['certifId', 'customerNm', 'phoneNo'] as const;
const usual = {
  checks: fourFactors,
  demands: ['phoneNo'],
  sendsSms: true,
  rebinds: true,
} as const satisfies Partial<Bank>;

/** An ordinary bank, and four with a difference each. */
export const banks = {
  ordinary: { name: 'Ordinary Bank', ...usual },
  credit: {
    name: 'Ordinary Bank, credit cards',
    ...usual,
    checks: [...fourFactors, 'cvn2', 'expired'],
    demands: ['phoneNo', 'cvn2', 'expired'],
  },
  'three-factors': {
    name: 'Three Factors Bank',
    ...usual,
    checks: ['certifId', 'customerNm'],
    demands: ['certifId', 'customerNm'],
  },
  'no-sms': { name: 'Silent Bank', ...usual, sendsSms: false },
  'no-rebinding': { name: 'Once Only Bank', ...usual, rebinds: false },
  'times-out': {
    name: 'Slow Bank',
    ...usual,
    openingMs: 30 * secondMs,
    slowMs: minuteMs,
  },
} as const satisfies Readonly<Record<string, Bank>>;

/** A card of somebody who does not exist. */
export interface Card {
  readonly number: string;
  readonly kind: 'debit' | 'credit';
  readonly bank: BankName;
  readonly customerNm: string;
  readonly certifTp: '01';
  readonly certifId: string;
  readonly phoneNo: string;
  readonly pin: string;
  readonly cvn2?: string;
  /** `YYMM` */
  readonly expired?: string;
}

const first = {
  customerNm: '全渠道',
  certifTp: '01',
  certifId: '341126197709218366',
  phoneNo: '13552535506',
  pin: '123456',
} as const;
const second = {
  ...first,
  customerNm: '张三',
  certifId: '510265790128303',
  phoneNo: '18100000000',
} as const;

/** The cards of UnionPay's test environment, and one at each of the banks with a difference. */
export const testCards: readonly Card[] = [
  { number: '6216261000000000018', kind: 'debit', bank: 'ordinary', ...first },
  {
    number: '6221558812340000',
    kind: 'credit',
    bank: 'credit',
    ...first,
    customerNm: '互联网',
    cvn2: '123',
    expired: '2311',
  },
  { number: '6226090000000048', kind: 'debit', bank: 'ordinary', ...second },
  { number: '6217000000000001101', kind: 'debit', bank: 'three-factors', ...first },
  { number: '6217990000000002200', kind: 'debit', bank: 'no-sms', ...first },
  { number: '6228480000000003301', kind: 'debit', bank: 'no-rebinding', ...first },
  { number: '6214830000000004405', kind: 'debit', bank: 'times-out', ...first },
];

export const bankOf = ({ bank }: Card): Bank => banks[bank];

/** By its number; `undefined` for one that no bank here has issued. */
export const findCard = (number: string): Card | undefined =>
  testCards.find((card) => card.number === number);

/** The account of the ledger: never the number itself. */
export const cardAccount = ({ number, bank }: Card): string => `payer:${bank}-${number.slice(-4)}`;
