/**
 * alipay simulator · codes: what the gateway answers when it refuses, in its own words. The codes
 * are documented; Chinese texts that no source quotes are worded here: clients must not read them.
 */
import type { NodeMembers } from './json.ts';

const messages = {
  10000: 'Success',
  10003: 'order success pay inprocess',
  20000: 'Service Currently Unavailable',
  20001: 'Insufficient Token Permissions',
  40001: 'Missing Required Arguments',
  40002: 'Invalid Arguments',
  40003: 'Insufficient Conditions',
  40004: 'Business Failed',
  40005: 'Call Limited',
  40006: 'Insufficient Permissions',
} as const;
type Code = keyof typeof messages;

/** `code` and `msg`, the head of every node. */
export const head = (code: Code): NodeMembers => ({ code: String(code), msg: messages[code] });

/** sub_code → code and sub_msg, of the gateway itself. */
const gateway = {
  'isp.unknow-error': [20000, '系统繁忙'],
  'aop.ACQ.SYSTEM_ERROR': [20000, '系统异常'],
  'aop.invalid-app-auth-token': [20001, '无效的应用授权令牌'],
  'isv.missing-method': [40001, '缺少方法名参数'],
  'isv.missing-signature': [40001, '缺少签名参数'],
  'isv.missing-signature-type': [40001, '缺少签名类型参数'],
  'isv.missing-app-id': [40001, '缺少AppID参数'],
  'isv.decryption-error-missing-encrypt-type': [40001, '解密出错, 缺少加密类型参数'],
  'isv.missing-timestamp': [40001, '缺少时间戳参数'],
  'isv.missing-version': [40001, '缺少版本参数'],
  'isv.missing-app-cert-sn': [40001, '缺少应用公钥证书序列号'],
  'isv.missing-alipay-root-cert-sn': [40001, '缺少支付宝根证书序列号'],
  'isv.invalid-parameter': [40002, '参数无效'],
  'isv.invalid-signature': [40002, '无效签名'],
  'isv.invalid-app-id': [40002, '无效的AppID参数'],
  'isv.invalid-method': [40002, '不存在的方法名'],
  'isv.invalid-timestamp': [40002, '非法的时间戳参数'],
  'isv.illegal-timestamp': [40002, '时间戳不在允许的范围内'],
  'isv.illegal-json': [40002, 'JSON格式错误'],
  'isv.invalid-format': [40002, '无效的数据格式'],
  'isv.invalid-version': [40002, '非法的版本参数'],
  'isv.invalid-charset': [40002, '字符集错误'],
  'isv.invalid-signature-type': [40002, '无效的签名类型'],
  'isv.invalid-encrypt-type': [40002, '无效的加密类型'],
  'isv.invalid-alipay-root-cert-sn': [40002, '无效支付宝根证书序列号'],
  'isv.app-cert-not-exist': [40002, '应用公钥证书不存在'],
  'isv.alipay-cert-not-exist': [40002, '支付宝公钥证书不存在'],
  'isv.decryption-error-unknown': [40003, '解密出错, 未知错误'],
  'isv.app-call-limited': [40005, '应用调用次数超限'],
} as const satisfies Readonly<Record<string, readonly [Code, string]>>;

/** sub_code → sub_msg, of the business behind it: code 40004. */
const business = {
  'ACQ.SYSTEM_ERROR': '系统错误',
  'ACQ.INVALID_PARAMETER': '参数无效',
  'ACQ.TOTAL_FEE_EXCEED': '订单总金额不在允许范围内',
  'ACQ.PAYMENT_AUTH_CODE_INVALID': '支付授权码无效',
  'ACQ.CONTEXT_INCONSISTENT': '交易信息被篡改',
  'ACQ.TRADE_HAS_SUCCESS': '交易已被支付',
  'ACQ.TRADE_HAS_CLOSE': '交易已经关闭',
  'ACQ.TRADE_HAS_FINISHED': '交易已结束',
  'ACQ.BUYER_BALANCE_NOT_ENOUGH': '买家余额不足',
  'ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH': '用户银行卡余额不足',
  'ACQ.BUYER_SELLER_EQUAL': '买卖家不能相同',
  'ACQ.BUYER_NOT_EXIST': '买家不存在',
  'ACQ.PULL_MOBILE_CASHIER_FAIL': '唤起移动收银台失败',
  'ACQ.PAYMENT_FAIL': '支付失败',
  'ACQ.PAYMENT_REQUEST_HAS_RISK': '支付有风险',
  'ACQ.PRODUCT_AMOUNT_LIMIT_ERROR': '产品额度超限',
  'ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR': '买家付款日限额超限',
  'ACQ.ACCESS_FORBIDDEN': '无权限使用接口',
  'ACQ.SELLER_NOT_EXIST': '卖家不存在',
  'ACQ.SELLER_BEEN_BLOCKED': '商家账号被冻结',
  'ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR': '当前时间已超过允许支付的时间',
  'ACQ.TRADE_NOT_EXIST': '交易不存在',
  'ACQ.TRADE_STATUS_ERROR': '交易状态不合法',
  'ACQ.REASON_TRADE_STATUS_INVALID': '交易状态异常',
  'ACQ.SELLER_BALANCE_NOT_ENOUGH': '卖家余额不足',
  'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL': '退款金额超限',
  'ACQ.REASON_TRADE_BEEN_FREEZEN': '交易已经被冻结',
  'ACQ.REASON_TRADE_REFUND_FEE_ERR': '退款金额无效',
  'ACQ.DISCORDANT_REPEAT_REQUEST': '请求信息不一致',
  'ACQ.TRADE_NOT_ALLOW_REFUND': '当前交易不允许退款',
  'ACQ.TRADE_CANCEL_TIME_OUT': '超过撤销时间范围',
  'ACQ.CANCEL_NOT_ALLOWED': '不允许撤销',
  'ACQ.TRADE_BUYER_NOT_MATCH': '交易买家不匹配',
  'ACQ.AGREEMENT_NOT_EXIST': '用户协议不存在',
  'ACQ.AGREEMENT_INVALID': '用户协议失效',
  'ACQ.AGREEMENT_STATUS_NOT_NORMAL': '用户协议状态非正常',
  'ACQ.AGREEMENT_ERROR': '协议信息异常',
  'ACQ.CYCLE_PAY_DATE_NOT_MATCH': '扣款日期不在签约时的允许范围之内',
  'ACQ.CYCLE_PAY_SINGLE_FEE_EXCEED': '周期扣款的单笔金额超过签约时限制',
  'ACQ.CYCLE_PAY_TOTAL_FEE_EXCEED': '周期扣款的总金额超过签约时限制',
  'ACQ.CYCLE_PAY_TOTAL_TIMES_EXCEED': '周期扣款的总次数超过签约时限制',
  'ACQ.AUTH_NO_ERROR': '预授权号错误或状态不对',
  'ACQ.AUTH_AMOUNT_NOT_ENOUGH': '授权金额不足',
  'ACQ.AUTH_ORDER_NOT_PAID': '预授权订单未支付',
  'ACQ.AUTH_ORDER_HAS_FINISHED': '预授权订单已完结',
  'ACQ.AUTH_ORDER_HAS_CLOSED': '预授权订单已关闭',
  'ACQ.PRE_AUTH_PROD_CODE_INCONSISTENT': '预授权产品码不一致',
  SYSTEM_ERROR: '系统异常',
  INVALID_PARAMETER: '参数有误',
  ILLEGAL_ARGUMENT: '参数异常',
  USER_AGREEMENT_NOT_EXIST: '用户签约协议不存在',
  AGREEMENT_HAS_UNSIGNED: '用户协议已解约',
  AGREEMENT_NOT_EXIST: '协议不存在',
  USER_AGREEMENT_STATUS_NOT_NORMAL: '用户协议状态非正常',
  ILLEGAL_AGREEMENT: '签约协议不合法',
  ILLEGAL_EXECUTION_TIME: '扣款时间不合法',
  PAYMENT_AUTH_CODE_INVALID: '支付授权码无效',
  UNIQUE_VIOLATION: '请求号重复，且信息不一致',
  FREEZE_ALREADY_SUCCESS: '订单已冻结成功',
  ORDER_ALREADY_CLOSED: '订单已经关闭',
  ORDER_ALREADY_FINISH: '订单已经完结',
  PAYEE_NOT_EXIST: '收款用户不存在',
  PAYER_PAYEE_EQUAL: '付款方与收款方不能是同一个用户',
  AUTH_ORDER_NOT_EXIST: '授权订单不存在',
  AUTH_OPERATION_NOT_EXIST: '授权操作不存在',
  REQUEST_AMOUNT_EXCEED: '请求金额超限',
  ILLEGAL_STATUS: '订单状态异常',
  CANCEL_OPERATION_TIME_OUT: '撤销操作超时',
  PAYMENT_INFO_INCONSISTENCY: '两次请求商户单号一样，但是参数不一致',
  PAYER_BALANCE_NOT_ENOUGH: '付款方余额不足',
  PAYER_PAYEE_CANNOT_SAME: '收付款方不能相同',
  PAYEE_USERINFO_ERROR: '收款方用户姓名或其它信息不一致',
  INVALID_CARDNO: '无效的银行卡号',
  EXCEED_LIMIT_SM_AMOUNT: '单笔额度超限',
  EXCEED_LIMIT_SM_MIN_AMOUNT: '请求金额不能低于最低限额',
  ORDER_NOT_EXIST: '转账订单不存在',
  NO_PERMISSION_ACCOUNT: '无权限操作当前付款账号',
  BILL_NOT_EXIST: '账单不存在',
  NO_BILL_DATA: '没有账单数据',
  BILL_DATE_BEFORE_REGISTRATION: '账单日期早于商户入驻日期',
  TYPE_NOT_SUPPORTED: '账单类型不支持',
  // Quirk: the channel spells it so.
  INVAILID_ARGUMENTS: '入参不合法',
} as const satisfies Readonly<Record<string, string>>;

export type SubCode = keyof typeof gateway | keyof typeof business;

/** Whether this simulator has words of its own for a sub_code. */
export const isBusinessSubCode = (text: string): text is keyof typeof business =>
  Object.hasOwn(business, text);

const mark = Symbol('refusal');

export interface Refusal {
  readonly node: NodeMembers;
  /** The member of the request it complains of. */
  readonly field?: string;
  /** For the journal: what was expected instead. Never sent. */
  readonly note?: string;
}

interface RefusalDetails {
  /** Instead of the usual sub_msg, or with `+` before it: appended. */
  readonly text?: string;
  /** Further members of the node. */
  readonly members?: NodeMembers;
  readonly field?: string;
  readonly note?: string;
}

/** The error a handler throws to answer with a code; `refusalOf` reads it. */
export function refuse(subCode: SubCode, details: RefusalDetails = {}): Error {
  const known: readonly [Code, string] | undefined = Object.hasOwn(gateway, subCode)
    ? gateway[subCode as keyof typeof gateway]
    : undefined;
  const [code, usual] = known ?? ([40004, business[subCode as keyof typeof business]] as const);
  const text = details.text?.startsWith('+') ? usual + details.text.slice(1) : details.text;
  const error = new Error(subCode);
  const node = { ...head(code), ...details.members, sub_code: subCode, sub_msg: text ?? usual };
  const { field, note } = details;
  const more = {
    ...(field === undefined ? {} : { field }),
    ...(note === undefined ? {} : { note }),
  };
  Object.defineProperty(error, mark, { value: { node, ...more } satisfies Refusal });
  return error;
}

/** Quirk: each family of methods has its own word for a bad parameter. */
const invalidWords: readonly (readonly [prefix: string, subCode: SubCode])[] = [
  ['alipay.fund.auth.', 'ILLEGAL_ARGUMENT'],
  ['alipay.fund.', 'INVALID_PARAMETER'],
  ['alipay.user.', 'INVALID_PARAMETER'],
];

/**
 * What an error thrown by `refuse` answers to a call of `method`; `undefined` for any other error.
 */
export function refusalOf(error: unknown, method = ''): Refusal | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const refusal = Reflect.get(error, mark) as Refusal | undefined;
  const word = invalidWords.find(([prefix]) => method.startsWith(prefix))?.[1];
  if (refusal?.node['sub_code'] !== 'ACQ.INVALID_PARAMETER' || word === undefined) return refusal;
  return { ...refusal, node: { ...refusal.node, sub_code: word } };
}

/** As `refuse`, with a documented sub_code this simulator has no words for. */
export function refuseDocumented(subCode: string, members: NodeMembers = {}): Error {
  if (isBusinessSubCode(subCode)) return refuse(subCode, { members });
  const error = new Error(subCode);
  const node = { ...head(40004), ...members, sub_code: subCode, sub_msg: '业务处理失败' };
  Object.defineProperty(error, mark, { value: { node } satisfies Refusal });
  return error;
}
