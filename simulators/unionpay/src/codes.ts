/** unionpay simulator · codes: what the gateway answers, in its own words. */

/** By respCode, as the code tables of the demos have them. */
const words = {
  '00': '成功',
  '01': '交易失败。详情请咨询95516',
  '02': '系统未开放或暂时关闭，请稍后再试',
  '03': '交易通讯超时，请发起查询交易',
  '04': '交易状态未明，请查询对账结果',
  '05': '交易已受理，请稍后查询交易结果',
  '06': '系统繁忙，请稍后再试',
  '10': '报文格式错误',
  '11': '验证签名失败',
  '12': '重复交易',
  '13': '报文交易要素缺失',
  '14': '批量文件格式错误',
  '30': '交易未通过，请尝试使用其他银联卡支付或联系95516',
  '31': '商户状态不正确',
  '32': '无此交易权限',
  '33': '交易金额超限',
  '34': '查无此交易',
  '35': '原交易不存在或状态不正确',
  '36': '与原交易信息不符',
  '37': '已超过最大查询次数或操作过于频繁',
  '38': '银联风险受限',
  '39': '交易不在受理时间范围内',
  '40': '绑定关系检查失败',
  '41': '批量状态不正确，无法下载',
  '42': '扣款成功但交易超过规定支付时间',
  '43': '无此业务权限',
  '44': '输入号码错误或暂未开通此项业务',
  '45': '原交易已被成功退货或已被成功撤销',
  '60': '交易失败，详情请咨询您的发卡行',
  '61': '输入的卡号无效，请确认后输入',
  '62': '交易失败，发卡银行不支持该商户，请更换其他银行卡',
  '63': '卡状态不正确',
  '64': '卡上的余额不足',
  '65': '输入的密码、有效期或CVN2有误，交易失败',
  '66': '持卡人身份信息或手机号输入不正确，验证失败',
  '67': '密码输入次数超限',
  '68': '您的银行卡暂不支持该业务，请向您的银行或95516咨询',
  '69': '您的输入超时，交易失败',
  '70': '交易已跳转，等待持卡人输入',
  '71': '动态口令或短信验证码校验失败',
  '72': '您尚未在银行网点柜面或个人网银签约加办银联无卡支付业务',
  '73': '支付卡已超过有效期',
  '74': '扣款成功，销账未知',
  '75': '扣款成功，销账失败',
  '76': '需要验密开通',
  '77': '银行卡未开通认证支付',
  '78': '发卡行交易权限受限，详情请咨询您的发卡行',
  '79': '此卡可用，但发卡行暂不支持短信验证',
  '80': '交易失败，Token已过期',
  '81': '月累计交易笔数(金额)超限',
  '82': '需要校验密码',
  '83': '发卡行（账户机构）处理中',
  '84': '要求验密但未送',
  '87': 'Token使用次数超限',
  '89': '没有该Token/TR，或Token状态无效',
  '90': '账户余额不足',
  '91': '认证失败',
  '98': '文件不存在',
  '99': '通用错误',
  A6: '有缺陷的成功',
} as const;

export type RespCode = keyof typeof words;
export const isRespCode = (text: string): text is RespCode => Object.hasOwn(words, text);

/** A code with the seven digits that say more. */
export interface Outcome {
  readonly respCode: RespCode;
  readonly respMsg: string;
}

/**
 * `subCode` as documented. Quirk: where no document pairs one with the code, `99900` and the code
 * stand in the brackets, which are never missing.
 */
export function outcome(respCode: RespCode, subCode?: string): Outcome {
  const usual = respCode === '00' ? '0000000' : `99900${respCode}`;
  return { respCode, respMsg: `${words[respCode]}[${subCode ?? usual}]` };
}

export const success = outcome('00');
export const pendingOutcome = outcome('05', '6154037');

const brand = Symbol('refusal');

/** A request that is turned down, synchronously. */
export interface Refusal {
  readonly [brand]: true;
  /** `edge`: before the business is known, all that was sent comes back. `page`: bare text. */
  readonly kind: 'edge' | 'business' | 'plain';
  readonly outcome: Outcome;
  /** Answered beside the code. */
  readonly extra?: Readonly<Record<string, string>>;
  readonly status?: number;
  /** For the journal only. */
  readonly note?: string;
}

export const isRefusal = (error: unknown): error is Refusal =>
  typeof error === 'object' && error !== null && Reflect.get(error, brand) === true;

/** A refusal in the gateway's usual shape. */
export function refuse(
  respCode: RespCode,
  subCode?: string,
  more: { readonly extra?: Readonly<Record<string, string>>; readonly note?: string } = {},
): Refusal {
  return { [brand]: true, kind: 'business', outcome: outcome(respCode, subCode), ...more };
}

/** Quirk: the edge writes English, with the digits in front. */
function edge(respCode: RespCode, subCode: string, text: string): Refusal {
  return { [brand]: true, kind: 'edge', outcome: { respCode, respMsg: `[${subCode}]${text}` } };
}
export const missed = (field: string): Refusal =>
  edge('10', '9100003', `Mandatory field[${field}] missed`);
export const invalid = (field: string): Refusal => edge('10', '9100003', `Invalid field[${field}]`);
export const unverified = (note: string): Refusal => ({
  ...edge('11', '9100004', 'Signature verification failed'),
  note,
});

/** Text that nobody signed. */
export const plain = (respMsg: string, status = 200): Refusal => ({
  [brand]: true,
  kind: 'plain',
  outcome: { respCode: '99', respMsg },
  status,
});
export const invalidRequest = (): Refusal => plain('Invalid request.');
export const blacklisted = (): Refusal =>
  plain(
    "You have been added to the blacklist. Please don't do stress testing. TPS could not be greater " +
      'than 0.5. BlackList Will be clear at time 00:00.',
  );
