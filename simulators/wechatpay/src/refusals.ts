/**
 * wechatpay simulator · refusals: what the channel answers when it refuses, in the words of both
 * protocols. Chinese texts that no source quotes are worded here: clients must not read them.
 */

/** What a v3 answer says beside code and message. */
export interface Detail {
  readonly field?: string;
  readonly value?: unknown;
  readonly issue?: string;
  readonly location?: 'body' | 'url' | 'query' | 'authorization';
  readonly [member: string]: unknown;
}

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly detail?: Detail;
  /** The integer at the end of `Request-ID`. */
  readonly internal?: number;
  /** Quirk: some refusals carry no `Request-ID`. */
  readonly anonymous?: boolean;
  /** Of v2: a business error, or with `returned` one of communication. */
  readonly v2: { readonly code: string; readonly message: string; readonly returned?: boolean };
  /** For the journal. */
  readonly note?: string;
}

type Row = readonly [
  status: number,
  code: string,
  message: string,
  v2Code: string,
  v2Message?: string | undefined,
  internal?: number,
];

const again = '系统异常，请用相同参数重新调用';

/** By name: HTTP status, code and message of v3, code of v2 and its message where it differs. */
const table = {
  'order-missing': [404, 'ORDER_NOT_EXIST', '订单不存在', 'ORDERNOTEXIST', undefined, 268512771],
  'order-paid': [400, 'INVALID_REQUEST', '该订单已支付', 'ORDERPAID', undefined, 268449538],
  'close-paid': [400, 'ORDER_PAID', '订单已支付', 'ORDERPAID', undefined, 268498689],
  'order-closed': [400, 'ORDER_CLOSED', '订单已关闭', 'ORDERCLOSED', undefined, 268447914],
  'order-reversed': [400, 'INVALID_REQUEST', '订单已撤销', 'ORDERREVERSED'],
  'number-used': [
    403,
    'OUT_TRADE_NO_USED',
    '201 商户订单号重复',
    'INVALID_REQUEST',
    undefined,
    268498688,
  ],
  'trade-state': [403, 'TRADE_ERROR', '交易状态不允许此操作', 'TRADE_STATE_ERROR'],
  'appid-mismatch': [
    400,
    'APPID_MCHID_NOT_MATCH',
    '商户号与appid不匹配',
    'APPID_MCHID_NOT_MATCH',
    'appid和mch_id不匹配',
    268445527,
  ],
  'refund-missing': [404, 'RESOURCE_NOT_EXISTS', '退款单不存在', 'REFUNDNOTEXIST'],
  'refund-differs': [
    400,
    'PARAM_ERROR',
    '订单金额或退款金额与之前请求不一致，请核实后再试',
    'PARAM_ERROR',
  ],
  'refund-unpaid': [400, 'INVALID_REQUEST', '订单未支付，不能退款', 'ERROR'],
  'refund-over': [400, 'INVALID_REQUEST', '订单已全额退款', 'ERROR'],
  'refund-too-much': [400, 'INVALID_REQUEST', '申请退款金额超过可退金额', 'ERROR'],
  'refund-overdue': [400, 'TRADE_OVERDUE', '订单已经超过可退款的最大期限', 'TRADE_OVERDUE'],
  'refund-too-often': [
    429,
    'FREQUENCY_LIMITED',
    '频率限制，请间隔1分钟后再退款',
    'INVALID_REQ_TOO_MUCH',
  ],
  'not-enough': [403, 'NOT_ENOUGH', '基本账户余额不足，请充值后重新发起', 'NOTENOUGH'],
  'no-auth': [
    403,
    'NO_AUTH',
    '商户号该产品权限未开通，请前往商户平台>产品中心检查后重试',
    'NOAUTH',
  ],
  'code-invalid': [
    403,
    'TRADE_ERROR',
    '101 付款码无效，请重新扫码',
    'AUTH_CODE_INVALID',
    '101 付款码无效，请重新扫码',
  ],
  'code-used': [403, 'TRADE_ERROR', '101 每个二维码仅限使用一次，请刷新再试', 'AUTH_CODE_INVALID'],
  'not-entered': [403, 'TRADE_ERROR', '用户没有输入支付密码', 'TRADE_ERROR'],
  'user-paying': [202, 'USERPAYING', '需要用户输入支付密码', 'USERPAYING'],
  'bill-missing': [400, 'NO_STATEMENT_EXIST', '账单文件不存在', '20002', 'No Bill Exist'],
  'bill-creating': [400, 'STATEMENT_CREATING', '账单生成中', '20003', 'Bill Creating'],
  'transfer-missing': [404, 'NOT_FOUND', '记录不存在', 'NOT_FOUND', '指定单号数据不存在'],
  'transfer-differs': [400, 'ALREADY_EXISTS', '商户单号已存在，参数不一致', 'PARAM_ERROR'],
  'transfer-state': [400, 'INVALID_REQUEST', '当前单据状态不支持撤销', 'PARAM_ERROR'],
  'contract-missing': [404, 'RESOURCE_NOT_EXISTS', '签约协议不存在', 'CONTRACT_NOT_EXIST'],
  'contract-state': [403, 'RULE_LIMIT', '签约协议状态不允许此操作', 'CONTRACTERROR'],
  'contract-used': [400, 'INVALID_REQUEST', '签约协议号重复', 'CONTRACTERROR'],
  'score-missing': [404, 'ORDER_NOT_EXIST', '订单不存在', 'ORDERNOTEXIST'],
  'score-state': [400, 'INVALID_ORDER_STATE', '单据状态错误', 'INVALID_REQUEST'],
  system: [500, 'SYSTEM_ERROR', again, 'SYSTEMERROR', again],
  bank: [500, 'BANK_ERROR', '银行系统异常', 'BANKERROR'],
  frequency: [
    429,
    'FREQUENCY_LIMITED',
    '频率超限，请降低频率后重试',
    'FREQUENCY_LIMITED',
    undefined,
    268447840,
  ],
  maintenance: [503, 'SERVICE_UNAVAILABLE', '服务不可用，请稍后重试', 'SYSTEMERROR', again],
} as const satisfies Readonly<Record<string, Row>>;

export type RefusalName = keyof typeof table;

/** The first one with that code of either protocol. */
export function refusalNamed(code: string): RefusalName | undefined {
  const names = Object.keys(table) as readonly RefusalName[];
  return names.find((name) => table[name][1] === code || table[name][3] === code);
}

const brand = Symbol('wechatpay refusal');

function refusing(refusal: Refusal): Error {
  const error = new Error(refusal.message);
  Object.defineProperty(error, brand, { value: refusal });
  return error;
}

/** The refusal behind an error; `undefined` for any other error, which is a defect. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  return Reflect.get(error, brand) as Refusal | undefined;
}

/** One of the table's. */
export function refuse(name: RefusalName, more: Partial<Refusal> = {}): Error {
  const row: Row = table[name];
  const [status, code, message, v2Code, v2Message = message, internal] = row;
  return refusing({
    status,
    code,
    message,
    ...(internal === undefined ? {} : { internal }),
    v2: { code: v2Code, message: v2Message },
    ...more,
  });
}

/** One of v3's own. */
export function refuseV3(
  status: number,
  code: string,
  more: { readonly message: string } & Partial<Refusal>,
): Error {
  return refusing({ status, code, v2: { code, message: more.message }, ...more });
}

/** A member is wrong. */
export function invalid(field: string, message: string, more: Partial<Refusal> = {}): Error {
  return refuseV3(400, 'PARAM_ERROR', {
    message,
    detail: { field, issue: message, location: 'body' },
    internal: 268435461,
    ...more,
  });
}

/** v2: communication failed; the answer is not signed. */
export const returnFail = (message: string, note?: string): Error =>
  refusing({
    status: 200,
    code: 'FAIL',
    message,
    v2: { code: 'FAIL', message, returned: true },
    ...(note === undefined ? {} : { note }),
  });

/** v2: the business failed; the answer is signed. */
export const resultFail = (code: string, message: string): Error =>
  refusing({ status: 200, code, message, v2: { code, message } });
