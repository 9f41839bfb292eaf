/**
 * attack · corpus: what somebody between WeChat Pay and a merchant of API v2 can send, each with its
 * honest twin. Pure: the same bytes for the same moment.
 */
import type { Attack, Site, Told } from '@polyrail/contest';
import {
  apiKey,
  appId,
  type Fields,
  hidden,
  mchId,
  otherApiKey,
  type SignOptions,
  signed,
  signOf,
  spliced,
  wireTime,
  xmlOf,
} from './forging.ts';

/** What a contestant is put before. The merchant signs with HMAC-SHA256. */
export interface Presented {
  /** What the merchant does: hears of something, or asks. */
  readonly does: 'receive-payment' | 'receive-refund' | 'query' | 'statement';
  readonly message: string;
  readonly site: Site;
}

type Case = Attack<Presented>;
type Notes = Pick<Case, 'id' | 'lie' | 'source'>;

const wanted = (number: number): string => `peers.md §2.${number}`;
const dossier = (place: string): string => `dossier ${place}`;

export const orderId = 'order_1';
export const refundId = 'refund_1';
const dayMs = 24 * 3_600_000;

const told = (body: string): Told => ({
  headers: { 'content-type': 'text/plain' },
  body: Buffer.from(body),
});
const silent: Site = () => undefined;

const head = { return_code: 'SUCCESS', return_msg: 'OK' } as const;
const party = { appid: appId, mch_id: mchId, nonce_str: 'xp3w6bYHu2VfFu2N' } as const;

const paidAt = (epochMs: number): Fields => ({
  ...head,
  ...party,
  result_code: 'SUCCESS',
  openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  is_subscribe: 'N',
  trade_type: 'NATIVE',
  bank_type: 'OTHERS',
  total_fee: '100',
  fee_type: 'CNY',
  cash_fee: '100',
  transaction_id: '4200001234202611220000000001',
  out_trade_no: orderId,
  attach: 'tea',
  time_end: wireTime(epochMs),
});

/** A notification of a payment and its genuine twin. */
function pushed(nowMs: number, notes: Notes, message: string): Case {
  const common = { does: 'receive-payment', site: silent } as const;
  return {
    ...notes,
    attack: { ...common, message },
    twin: { ...common, message: signed(paidAt(nowMs)) },
  };
}

const withoutSign = (xml: string, sign = ''): string => xml.replace(/<sign>.*?<\/sign>/, sign);

/** What a payer makes of a field that an order carries along, such as a remark of at most 127 characters. */
const remark =
  `x&mch_id=${mchId}&out_trade_no=order_2&result_code=SUCCESS&return_code=SUCCESS` +
  '&total_fee=90000&transaction_id=42&z=';

/**
 * The sign covers a text, not fields: where the payer's own remark reads like further fields, the text
 * of the genuine message about a cheap order is also that of another one.
 */
function redrawn(nowMs: number): string {
  const genuine: Fields = { ...paidAt(nowMs), sign_type: 'HMAC-SHA256', attach: remark };
  const behind = Object.keys(genuine)
    .filter((name) => name > 'attach')
    .sort()
    .map((name) => `&${name}=${genuine[name]}`)
    .join('');
  return xmlOf({
    appid: appId,
    attach: 'x',
    mch_id: mchId,
    out_trade_no: 'order_2',
    result_code: 'SUCCESS',
    return_code: 'SUCCESS',
    total_fee: '90000',
    transaction_id: '42',
    z: behind,
    sign: signOf(genuine),
  });
}

const xmlAttacks = (nowMs: number): readonly Case[] => {
  const genuine = signed(paidAt(nowMs));
  const one = (id: string, lie: string, message: string) =>
    pushed(nowMs, { id, lie, source: dossier('B1') }, message);
  const entity = (declared: string, name: string) =>
    `<!DOCTYPE xml [${declared}]>${genuine.replace(`<![CDATA[${orderId}]]>`, `&${name};`)}`;
  const laughs = Array.from(
    { length: 12 },
    (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`,
  ).join('');
  return [
    one(
      'xxe',
      'a file of the machine as an external entity',
      entity('<!ENTITY f SYSTEM "file:///etc/hostname">', 'f'),
    ),
    one(
      'entity',
      'a declared entity in the place of the order',
      entity(`<!ENTITY o "${orderId}">`, 'o'),
    ),
    one('laughs', 'a billion laughs', entity(`<!ENTITY l0 "ha">${laughs}`, 'l12')),
    one(
      'twice',
      'the amount stands twice',
      genuine.replace('<total_fee>', '<total_fee>1</total_fee><total_fee>'),
    ),
    one(
      'prototype',
      'an element `__proto__` slipped in',
      genuine.replace('<xml>', '<xml><__proto__><trade_state>SUCCESS</trade_state></__proto__>'),
    ),
    one(
      'v3-json',
      'a notification of API v3, unsigned',
      '{"id":"1","event_type":"TRANSACTION.SUCCESS","resource":{}}',
    ),
  ];
};

const signAttacks = (nowMs: number): readonly Case[] => {
  const paid = paidAt(nowMs);
  const genuine = signed(paid);
  const one = (notes: Notes, message: string) => pushed(nowMs, notes, message);
  const note = (id: string, lie: string, source = wanted(3)): Notes => ({ id, lie, source });
  const by = (options: SignOptions) => signed(paid, options);
  const failed = xmlOf({ ...paid, return_code: 'FAIL' });
  return [
    one(note('no-sign', 'no sign at all'), withoutSign(genuine)),
    one(note('empty-sign', 'an empty sign'), withoutSign(genuine, '<sign></sign>')),
    one(note('other-key', 'signed with another key'), by({ key: otherApiKey })),
    one(note('changed', 'another amount than was signed'), genuine.replace('[100]', '[900]')),
    one(note('added', 'a field more than was signed'), genuine.replace('</xml>', '<z>1</z></xml>')),
    one(note('failed', 'return_code FAIL, which needs no sign'), failed),
    one(
      note('md5-named', 'MD5 for HMAC-SHA256, and says so', dossier('B2')),
      by({ signType: 'MD5' }),
    ),
    one(
      note('md5-unnamed', 'MD5 for HMAC-SHA256, and says nothing', dossier('B2')),
      by({ signType: 'MD5', named: false }),
    ),
    one(
      note('redrawn', "the signed text drawn otherwise, by the payer's remark", dossier('B2')),
      redrawn(nowMs),
    ),
    one(note('stale', 'paid three days ago', dossier('B7')), signed(paidAt(nowMs - 3 * dayMs))),
    one(
      note('other-mch', 'tells of another merchant', wanted(20)),
      signed({ ...paid, mch_id: '1900000999' }),
    ),
    one(
      note('other-app', 'tells of another application', wanted(20)),
      signed({ ...paid, appid: 'wx0000000000' }),
    ),
  ];
};

const refundInfo = (id: string, fee: string): string =>
  xmlOf(
    {
      out_refund_no: id,
      out_trade_no: orderId,
      refund_id: '50000708942018111907139970211',
      settlement_refund_fee: fee,
      refund_fee: fee,
      refund_status: 'SUCCESS',
      success_time: '2026-11-22 10:49:13',
      transaction_id: '4200001234202611220000000001',
    },
    'root',
  );

const refundAttacks = (): readonly Case[] => {
  const answer = signed({
    ...head,
    ...party,
    result_code: 'SUCCESS',
    out_trade_no: orderId,
    transaction_id: '4200001234202611220000000001',
    total_fee: '900',
    refund_count: '1',
    out_refund_no_0: refundId,
    refund_id_0: '50000708942018111907139970211',
    refund_fee_0: '300',
    refund_status_0: 'SUCCESS',
  });
  const site: Site = (asked) => (asked.includes('/pay/refundquery') ? told(answer) : undefined);
  const message = (sealed: Buffer, more: Fields = {}): string =>
    xmlOf({ ...head, ...party, req_info: sealed.toString('base64'), ...more });
  const own = refundInfo(refundId, '300');
  const common = { does: 'receive-refund', site } as const;
  const one = (id: string, lie: string, attack: string): Case => ({
    id,
    lie,
    source: dossier('B8'),
    attack: { ...common, message: attack },
    twin: { ...common, message: message(hidden(own)) },
  });
  const larger = refundInfo('refund_2', '900');
  return [
    {
      ...one(
        'refund-spliced',
        'blocks of two genuine refunds: the number of one, the amount of the other',
        message(spliced(own, larger, '<refund_fee><![CDATA[900]]>')),
      ),
      believes: ({ amount }) => amount === 900,
    },
    one('refund-other-key', 'hidden under another key', message(hidden(own, otherApiKey))),
    one(
      'refund-other-mch',
      "another merchant's refund",
      message(hidden(own), { mch_id: '1900000999' }),
    ),
  ];
};

const replyAttacks = (nowMs: number): readonly Case[] => {
  const paid: Fields = { ...paidAt(nowMs), trade_state: 'SUCCESS', trade_state_desc: 'ok' };
  const genuine = signed(paid);
  const one = (notes: Notes, answer: string): Case => {
    const common = { does: 'query', message: '' } as const;
    return {
      ...notes,
      attack: { ...common, site: () => told(answer) },
      twin: { ...common, site: () => told(genuine) },
    };
  };
  const note = (id: string, lie: string, source = dossier('B2')): Notes => ({ id, lie, source });
  return [
    one(note('answer-unsigned', '"paid", without a sign', wanted(3)), withoutSign(genuine)),
    one(note('answer-other-key', '"paid", with another key'), signed(paid, { key: otherApiKey })),
    one(
      note('answer-changed', 'another amount than was signed'),
      genuine.replace('[100]', '[900]'),
    ),
    one(note('answer-md5', 'MD5 for HMAC-SHA256, and says so'), signed(paid, { signType: 'MD5' })),
    one(
      note('answer-other-order', 'the genuine answer about another order', wanted(20)),
      signed({ ...paid, out_trade_no: 'order_2' }),
    ),
    one(
      note('answer-other-mch', "the genuine answer about another merchant's order", wanted(20)),
      signed({ ...paid, mch_id: '1900000999' }),
    ),
  ];
};

export const billDate = '2026-11-20';
const billHead =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';
const sumsHead =
  '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额';
const billRow = (id: string): string =>
  `\`2026-11-20 17:07:11,\`${appId},\`${mchId},\`0,\`,\`42000${id},\`${id},\`oUpF8,\`NATIVE,\`SUCCESS,\`OTHERS,\`CNY,\`1.00,\`0.00,\`0,\`0,\`0.00,\`0.00,\`,\`,\`tea,\`,\`0.00600,\`0.60%,\`1.00,\`0.00,\``;

const billAttacks = (): readonly Case[] => {
  const rows = [orderId, 'order_2', 'order_3'].map(billRow);
  const sums = [sumsHead, '`3,`3.00,`0.00,`0.00,`0.01800,`3.00,`0.00'];
  const fileOf = (lines: readonly string[]): string => `\ufeff${lines.join('\r\n')}\r\n`;
  const common = { does: 'statement', message: '' } as const;
  const one = (id: string, lie: string, lines: readonly string[]): Case => ({
    id,
    lie,
    source: dossier('B6'),
    attack: { ...common, site: () => told(fileOf(lines)) },
    twin: { ...common, site: () => told(fileOf([billHead, ...rows, ...sums])) },
  });
  return [
    one('bill-line-gone', 'a bill without one of its lines', [billHead, ...rows.slice(1), ...sums]),
    one('bill-cut', 'a bill cut before its sums', [billHead, ...rows]),
  ];
};

/** Every attack at a moment, in milliseconds since the epoch. */
export const corpusAt = (nowMs: number): readonly Case[] => [
  ...xmlAttacks(nowMs),
  ...signAttacks(nowMs),
  ...refundAttacks(),
  ...replyAttacks(nowMs),
  ...billAttacks(),
];

/** What a client of this corpus is configured with. */
export const account = { mchId, appId, apiKey } as const;
