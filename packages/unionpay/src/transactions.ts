/** unionpay · transactions: what UnionPay tells apart by three numbers and an address (dossier §8). */
import type { Noun } from '@polyrail/core';
import type { Family } from './codes.ts';

export type Endpoint = 'front' | 'back' | 'app' | 'query' | 'file';

/** Paths under the gateway's address; the file host has none (dossier §1). */
export const paths: { readonly [E in Endpoint]: string } = {
  front: '/frontTransReq.do',
  back: '/backTransReq.do',
  app: '/appTransReq.do',
  query: '/queryTrans.do',
  file: '',
};

export interface Transaction {
  readonly txnType: string;
  readonly txnSubType: string;
  readonly bizType: string;
  /** 07 internet, 08 mobile. */
  readonly channelType?: '07' | '08';
  readonly endpoint: Endpoint;
  readonly family: Family;
}

type Numbers = readonly [
  type: string,
  subType: string,
  biz: string,
  channel?: '07' | '08' | undefined,
];

const transaction = (
  [txnType, txnSubType, bizType, channelType]: Numbers,
  endpoint: Endpoint,
  family: Family,
): Transaction => ({
  txnType,
  txnSubType,
  bizType,
  ...(channelType === undefined ? {} : { channelType }),
  endpoint,
  family,
});

/** How money is taken: by the scene, and by what was granted to the merchant. */
export const products = {
  page: transaction(['01', '01', '000201', '07'], 'front', 'funds'),
  business: transaction(['01', '01', '000202', '07'], 'front', 'funds'),
  h5: transaction(['01', '01', '000201', '08'], 'front', 'funds'),
  app: transaction(['01', '01', '000201', '08'], 'app', 'funds'),
  qr: transaction(['01', '07', '000000', '08'], 'back', 'funds'),
  barcode: transaction(['01', '06', '000000', '08'], 'back', 'funds'),
  token: transaction(['01', '01', '000902', '07'], 'back', 'funds'),
  card: transaction(['01', '01', '000301', '07'], 'back', 'funds'),
  collection: transaction(['11', '02', '000501', '07'], 'back', 'funds'),
  'hold-page': transaction(['02', '01', '000201', '07'], 'front', 'funds'),
  'hold-app': transaction(['02', '01', '000201', '08'], 'app', 'funds'),
  capture: transaction(['03', '00', '000201', '07'], 'back', 'funds'),
} as const;
export type Product = keyof typeof products;

/** What needs no product of its own. */
export const services = {
  query: transaction(['00', '00', '000000'], 'query', 'query'),
  reverse: transaction(['99', '01', '000000', '07'], 'back', 'funds'),
  payout: transaction(['12', '00', '000401', '07'], 'back', 'payout'),
  file: transaction(['76', '01', '000000'], 'file', 'query'),
  encryptionCertificate: transaction(['95', '00', '000000', '07'], 'back', 'query'),
  sendCode: transaction(['77', '00', '000902', '07'], 'back', 'opening'),
  open: transaction(['79', '00', '000902', '07'], 'back', 'opening'),
  openPage: transaction(['79', '00', '000902', '07'], 'front', 'opening'),
  queryOpening: transaction(['78', '02', '000902', '07'], 'back', 'opening'),
  close: transaction(['74', '01', '000902', '07'], 'back', 'opening'),
  setUpMandate: transaction(['72', '11', '000501', '07'], 'back', 'opening'),
  queryMandate: transaction(['75', '00', '000501', '07'], 'back', 'query'),
  removeMandate: transaction(['74', '04', '000501', '07'], 'back', 'opening'),
} as const;

/** Of one product: the code by SMS in front of it, and what undoes it. */
const derived = {
  code: ['77', '02'],
  refund: ['04', '00'],
  cancel: ['31', '00'],
  cancelAuthorization: ['32', '00'],
  cancelCapture: ['33', '00'],
} as const;

/** What belongs to a product goes by its numbers of business and channel (§8). */
export function belongingTo(product: Product, kind: keyof typeof derived): Transaction {
  const { bizType, channelType } = products[product];
  const [txnType, txnSubType] = derived[kind];
  const family = kind === 'code' ? 'opening' : 'funds';
  return transaction([txnType, txnSubType, bizType, channelType], 'back', family);
}

/** The nouns that transactions are told as; consuming and collecting are payments, so is a capture. */
export const nounOf: Readonly<Record<string, Exclude<Noun, 'closure'>>> = {
  '01': 'payment',
  '03': 'payment',
  '11': 'payment',
  '02': 'authorization',
  '04': 'refund',
  '12': 'payout',
  '31': 'cancellation',
  '32': 'cancellation',
  '33': 'cancellation',
  '79': 'agreement',
};

/** What each way of undoing does with the money. */
export const effectOf: Readonly<Record<string, 'refunded' | 'released'>> = {
  '31': 'refunded',
  '32': 'released',
  '33': 'refunded',
};

/** The product behind the numbers of a notification; `undefined` for what is none of ours. */
export function productOf(told: Readonly<Record<string, string>>): Product | undefined {
  const names = Object.keys(products) as Product[];
  return names.find((name) => {
    const { txnType, bizType, txnSubType } = products[name];
    const same = txnType === told['txnType'] && bizType === told['bizType'];
    return same && (txnType !== '01' || bizType !== '000000' || txnSubType === told['txnSubType']);
  });
}
