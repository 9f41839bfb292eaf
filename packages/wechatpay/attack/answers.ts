/** attack · answers: what comes back to a question, and the bills. */
import type { Site, Told } from '@polyrail/contest';
import {
  type Case,
  dossier,
  minuteMs,
  type Notes,
  orderId,
  otherId,
  peers,
  plain,
  probed,
  siteAt,
  tampered,
  transaction,
  wanted,
  withText,
} from './case.ts';
import { appId, attacker, mchId, platform, sealed, sha1Of, unsigned } from './forging.ts';

const replyAttacks = (nowMs: number): readonly Case[] => {
  const genuine = sealed(plain, nowMs);
  const one = (notes: Notes, answer: Told): Case => {
    const common = { does: 'query', certificates: 'known' } as const;
    return {
      ...notes,
      attack: { ...common, site: siteAt(nowMs, answer) },
      twin: { ...common, site: siteAt(nowMs, genuine) },
    };
  };
  const note = (id: string, lie: string, source = peers): Notes => ({ id, lie, source });
  const other = JSON.stringify({ ...transaction, out_trade_no: otherId });
  const foreign = JSON.stringify({ ...transaction, mchid: '1900000999' });
  const closing = { does: 'close', certificates: 'known' } as const;
  const named = { by: attacker, serial: platform.serial };
  const own = { by: attacker };
  return [
    one(note('answer-unsigned', '"paid", and nobody signed it'), unsigned(plain)),
    one(note('answer-stranger', '"paid", by a stranger'), sealed(plain, nowMs, named)),
    one(
      note('answer-unknown-serial', '"paid", under a serial that nobody knows'),
      sealed(plain, nowMs, own),
    ),
    one(
      note('answer-changed', 'a genuine answer with another amount'),
      withText(tampered)(genuine),
    ),
    one(
      note('answer-other-order', 'the genuine answer about another order', wanted(20)),
      sealed(other, nowMs),
    ),
    one(
      note('answer-other-mchid', "the genuine answer about another merchant's order", wanted(20)),
      sealed(foreign, nowMs),
    ),
    one(
      note('answer-stale', 'ten minutes old', dossier('A3')),
      sealed(plain, nowMs - 10 * minuteMs),
    ),
    one(
      note('answer-future', 'ten minutes early', dossier('A3')),
      sealed(plain, nowMs + 10 * minuteMs),
    ),
    one(note('answer-probe', "WeChat Pay's own probe, each time", dossier('A3')), probed(genuine)),
    {
      ...note('close-unsigned', '204 "closed", and nobody signed it', dossier('A1.1')),
      attack: { ...closing, site: siteAt(nowMs, { ...unsigned(''), status: 204 }) },
      twin: { ...closing, site: siteAt(nowMs, { ...sealed('', nowMs), status: 204 }) },
    },
  ];
};

export const billDate = '2026-11-20';
const billHead =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';
const sumsHead =
  '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额';
const billRow = (id: string): string =>
  `\`2026-11-20 17:07:11,\`${appId},\`${mchId},\`0,\`,\`42000${id},\`${id},\`oUpF8,\`NATIVE,\`SUCCESS,\`OTHERS,\`CNY,\`1.00,\`0.00,\`0,\`0,\`0.00,\`0.00,\`,\`,\`tea,\`,\`0.00600,\`0.60%,\`1.00,\`0.00,\``;
const sumsRow = (count: number): string =>
  `\`${count},\`${count}.00,\`0.00,\`0.00,\`${(count * 0.006).toFixed(5)},\`${count}.00,\`0.00`;

/** A bill that adds up, of so many orders. */
const billOf = (ids: readonly string[]): string =>
  `\ufeff${[billHead, ...ids.map(billRow), sumsHead, sumsRow(ids.length)].join('\r\n')}\r\n`;

const billAttacks = (nowMs: number): readonly Case[] => {
  const bill = billOf([orderId, otherId]);
  const site = (file: string, seal: (text: string) => Told, digest = sha1Of(bill)): Site => {
    const list = siteAt(nowMs);
    return (asked, origin) => {
      if (asked.includes('/v3/billdownload/'))
        return { ...unsigned(file), headers: { 'content-type': 'text/plain; charset=utf-8' } };
      if (!asked.includes('/v3/bill/')) return list(asked, origin);
      const download_url = `${origin}/v3/billdownload/file?token=dwVD7aBa`;
      return seal(JSON.stringify({ download_url, hash_type: 'SHA1', hash_value: digest }));
    };
  };
  const byPlatform = (text: string): Told => sealed(text, nowMs);
  const one = (id: string, lie: string, attack: Site): Case => {
    const common = { does: 'statement', certificates: 'known' } as const;
    const source = dossier('A9.2');
    const twin = { ...common, site: site(bill, byPlatform) };
    return { id, lie, source, attack: { ...common, site: attack }, twin };
  };
  const other = billOf([orderId]);
  return [
    one('bill-other', 'a bill that adds up, without one order', site(other, byPlatform)),
    one('bill-cut', 'a bill cut in the middle', site(bill.slice(0, bill.length / 2), byPlatform)),
    one('bill-place-forged', 'place and digest unsigned', site(other, unsigned, sha1Of(other))),
  ];
};

export const answerAttacks = (nowMs: number): readonly Case[] => [
  ...replyAttacks(nowMs),
  ...billAttacks(nowMs),
];
