/** alipay simulator · v3 paths: which method stands behind a path of the REST protocol. */

export const v3Prefix = '/v3/';

type Verb = 'GET' | 'POST';

export interface V3Operation {
  /** As the other protocol calls it: faults and the journal know it by this name. */
  readonly method: string;
  readonly verbs: readonly Verb[];
}

const posted = [
  'alipay.trade.pay',
  'alipay.trade.query',
  'alipay.trade.close',
  'alipay.trade.cancel',
  'alipay.trade.refund',
  'alipay.trade.precreate',
  'alipay.trade.create',
  'alipay.trade.fastpay.refund.query',
  'alipay.trade.orderinfo.sync',
  'alipay.fund.auth.order.freeze',
  'alipay.fund.auth.order.unfreeze',
  'alipay.fund.auth.order.voucher.create',
  'alipay.fund.auth.order.app.freeze',
  'alipay.fund.auth.operation.cancel',
  'alipay.fund.auth.operation.detail.query',
  'alipay.fund.trans.uni.transfer',
  'alipay.user.agreement.unsign',
  'alipay.user.agreement.executionplan.modify',
  'alipay.user.agreement.transfer',
  'alipay.user.agreement.migrate',
];

const got = [
  'alipay.fund.trans.common.query',
  'alipay.fund.account.query',
  'alipay.user.agreement.query',
  'alipay.data.dataservice.bill.downloadurl.query',
];

/** No source tells which verb the download of a certificate takes: either will do. */
const either = ['alipay.open.app.alipaycert.download'];

const pathOf = (method: string): string => `${v3Prefix}${method.replaceAll('.', '/')}`;
const table = (methods: readonly string[], verbs: readonly Verb[]) =>
  methods.map((method): [string, V3Operation] => [pathOf(method), { method, verbs }]);

const operations: ReadonlyMap<string, V3Operation> = new Map([
  ...table(posted, ['POST']),
  ...table(got, ['GET']),
  ...table(either, ['GET', 'POST']),
]);

/** The methods that have a path. */
export const v3Methods: readonly string[] = [...posted, ...got, ...either];

/** The operation of a path, whatever the verb; `undefined` for a path nobody serves. */
export const v3OperationOf = (path: string): V3Operation | undefined => operations.get(path);
