/** alipay simulator · identify: the merchant's number of whatever a request is about. */
import { agreementId } from './agreement-book.ts';
import type { Content, Envelope } from './envelope.ts';
import { readableContent } from './gateway.ts';
import { everyMerchant, type Merchant } from './merchants.ts';
import type { Room } from './room.ts';

const text = (content: Content, name: string): string | undefined => {
  const value = content[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

type Finder = (merchant: Merchant, number: string, room: Room) => string | undefined;

/** The channel's numbers, each with the way to the merchant's. */
const finders: Readonly<Record<string, Finder>> = {
  trade_no: (merchant, number, { book }) => book.findTrade(merchant, number)?.terms.outTradeNo,
  auth_no: (merchant, number, { authorizations }) =>
    authorizations.findNumber(merchant, number)?.terms.outOrderNo,
  order_id: (merchant, number, { payouts }) => payouts.findNumber(merchant, number)?.terms.outBizNo,
  pay_fund_order_id: (merchant, number, { payouts }) =>
    payouts.findNumber(merchant, number)?.terms.outBizNo,
  agreement_no(merchant, number, { agreements }) {
    const agreement = agreements.findNumber(merchant, number);
    return agreement && agreementId(agreement);
  },
};

const channelNumbers = Object.entries(finders);

/** The merchant's own, in the order in which they count. */
const ownNumbers = ['out_trade_no', 'out_order_no', 'out_biz_no', 'external_agreement_no'];

/** The number by which fault rules and the journal know a request, if it can be told. */
export function idOf(envelope: Envelope, room: Room): string | undefined {
  const content = readableContent(envelope, room) ?? {};
  const { app_id: appId } = envelope.parameters;
  for (const [name, find] of channelNumbers) {
    const number = text(content, name);
    if (number === undefined) continue;
    const merchants = everyMerchant(room.merchants).filter((one) => one.appId === appId);
    for (const merchant of merchants) {
      const own = find(merchant, number, room);
      if (own !== undefined) return own;
    }
  }
  const own = ownNumbers.find((name) => text(content, name) !== undefined);
  return own && text(content, own);
}
