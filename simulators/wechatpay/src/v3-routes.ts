/** wechatpay simulator · v3 routes: every path of API v3 that is served, and what it is called. */
import { listBalance } from './v3-balances.ts';
import { downloadBill, fundFlowBill, tradeBill } from './v3-bills.ts';
import type { V3Handler, V3RawHandler } from './v3-call.ts';
import { echo, listCertificates } from './v3-certificates.ts';
import { payByCode, reverseByNumber } from './v3-codepay.ts';
import {
  announce,
  applyDeduction,
  preSign,
  preSignDevice,
  queryContract,
  querySchedule,
  schedule,
  terminateContract,
} from './v3-contracts.ts';
import { closeV3Order, createOrder, queryOrder } from './v3-orders.ts';
import { createRefund, queryRefund, retryRefund } from './v3-refunds.ts';
import { cancelScore, completeScore, createScore, queryScore } from './v3-score.ts';
import { cancelTransfer, createTransfer, queryTransfer } from './v3-transfers.ts';

/** Which of the channel's gateways answers: they word the same mistakes differently. */
export type Gateway = 'pay' | 'general' | 'fund';

export interface V3Route {
  readonly method: 'GET' | 'POST';
  readonly pattern: string;
  /** In journal and fault rules. */
  readonly operation: string;
  readonly gateway: Gateway;
  readonly handler?: V3Handler;
  /** Answers unsigned bytes. */
  readonly raw?: V3RawHandler;
}

type Row = readonly [what: string, operation: string, handler: V3Handler];

const rows = (gateway: Gateway, table: readonly Row[]): readonly V3Route[] =>
  table.map(([what, operation, handler]) => {
    const [method = '', pattern = ''] = what.split(' ');
    return { method: method as V3Route['method'], pattern, operation, gateway, handler };
  });

const orderRows = (prefix: string): readonly Row[] => [
  [`POST ${prefix}/native`, 'transactions.native', createOrder('NATIVE')],
  [`POST ${prefix}/jsapi`, 'transactions.jsapi', createOrder('JSAPI')],
  [`POST ${prefix}/app`, 'transactions.app', createOrder('APP')],
  [`POST ${prefix}/h5`, 'transactions.h5', createOrder('MWEB')],
  [`GET ${prefix}/out-trade-no/{out_trade_no}`, 'transactions.query', queryOrder],
  [`GET ${prefix}/id/{transaction_id}`, 'transactions.query', queryOrder],
  [`POST ${prefix}/out-trade-no/{out_trade_no}/close`, 'transactions.close', closeV3Order],
];

const refunds = '/v3/refund/domestic/refunds';
const bills = '/v3/fund-app/mch-transfer/transfer-bills';
const score = '/v3/payscore/serviceorder';
const contract = '/v3/papay/sign/contracts/plan-id/{plan_id}/out-contract-code/{out_contract_code}';
const presign = '/v3/papay/scheduled-deduct-sign/contracts/pre-entrust-sign/{product}';
const schedules = '/v3/papay/pay/schedules/contract-id/{contract_id}';

export const v3Routes: readonly V3Route[] = [
  ...rows('pay', [
    ...orderRows('/v3/pay/transactions'),
    ...orderRows('/v3/pay/partner/transactions'),
    ['POST /v3/pay/transactions/codepay', 'transactions.codepay', payByCode],
    [
      'POST /v3/pay/transactions/out-trade-no/{out_trade_no}/reverse',
      'transactions.reverse',
      reverseByNumber,
    ],
  ]),
  ...rows('general', [
    [`POST ${refunds}`, 'refunds.create', createRefund],
    [`GET ${refunds}/{out_refund_no}`, 'refunds.query', queryRefund],
    [`POST ${refunds}/{refund_id}/apply-abnormal-refund`, 'refunds.retry', retryRefund],
    ['GET /v3/certificates', 'certificates', listCertificates],
    ['POST /v3/security/echo', 'security.echo', echo],
    ['GET /v3/bill/tradebill', 'bills.trade', tradeBill],
    ['GET /v3/bill/fundflowbill', 'bills.funds', fundFlowBill],
    ['GET /v3/merchant/fund/balance/{account_type}', 'balances.query', listBalance],
  ]),
  ...rows('general', [
    [`POST ${presign}`, 'contracts.create', preSign],
    ['POST /v3/papay/sign/contracts/pre-entrust-sign', 'contracts.create', preSignDevice],
    [`GET ${contract}`, 'contracts.query', queryContract],
    [`POST ${contract}/terminate`, 'contracts.terminate', terminateContract],
    ['POST /v3/papay/contracts/{contract_id}/notify', 'contracts.notify', announce],
    [`POST ${schedules}/schedule`, 'contracts.schedule', schedule],
    [`GET ${schedules}`, 'contracts.schedule-query', querySchedule],
    ['POST /v3/papay/pay/transactions/apply', 'contracts.apply', applyDeduction],
  ]),
  ...rows('general', [
    [`POST ${score}`, 'payscore.create', createScore],
    [`GET ${score}`, 'payscore.query', queryScore],
    [`POST ${score}/{out_order_no}/cancel`, 'payscore.cancel', cancelScore],
    [`POST ${score}/{out_order_no}/complete`, 'payscore.complete', completeScore],
  ]),
  ...rows('fund', [
    [`POST ${bills}`, 'transfers.create', createTransfer],
    [`GET ${bills}/out-bill-no/{out_bill_no}`, 'transfers.query', queryTransfer],
    [`GET ${bills}/transfer-bill-no/{transfer_bill_no}`, 'transfers.query', queryTransfer],
    [`POST ${bills}/out-bill-no/{out_bill_no}/cancel`, 'transfers.cancel', cancelTransfer],
  ]),
  {
    method: 'GET',
    pattern: '/v3/billdownload/file',
    operation: 'bills.download',
    gateway: 'general',
    raw: downloadBill,
  },
];

interface Compiled {
  readonly route: V3Route;
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

const compiled: readonly Compiled[] = v3Routes.map((route) => {
  const names = [...route.pattern.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const text = route.pattern.replaceAll(/\{\w+\}/g, '([^/]+)');
  return { route, names, pattern: new RegExp(`^${text}$`) };
});

/** A segment as its client meant it: some encode `|` and `*`, some do not. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export interface Matched {
  readonly route: V3Route;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The route of a request; 405 for a known path with another method, 404 for any other path. */
export function matchV3(method: string, path: string): Matched | 404 | 405 {
  const fitting = compiled.flatMap(({ route, names, pattern }) => {
    const match = pattern.exec(path);
    if (match === null) return [];
    const values = names.map((name, index) => [name, decoded(match[index + 1] ?? '')]);
    return [{ route, parameters: Object.fromEntries(values) as Record<string, string> }];
  });
  if (fitting.length === 0) return 404;
  return fitting.find(({ route }) => route.method === method) ?? 405;
}
