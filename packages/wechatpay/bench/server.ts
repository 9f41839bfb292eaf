/** bench · server: WeChat Pay as cheap as it can be; every reply was signed before it is asked for. */
import { orderIds, type Reply, serveReplies } from '@polyrail/contest';
import { sealOf } from './sealing.ts';
import { platformKey } from './work.ts';

const key = platformKey();

function replyTo(id: string): Reply {
  const body = `{"code_url":"weixin://wxpay/bizpayurl/up?pr=${id}&groupid=00"}`;
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'request-id': '08A8AAAB9A0610D10718E8C5C05520A5B00D2880EE03-0',
    ...sealOf(body, key, Date.now()),
  };
  return { headers, body: Buffer.from(body) };
}

const make = () => new Map(orderIds.map((id) => [id, replyTo(id)]));
let replies = make();
const unknown: Reply = { headers: {}, body: Buffer.from('{"code":"PARAM_ERROR"}') };

serveReplies({
  replyTo: (text) => replies.get(/order_\d+/.exec(text)?.[0] ?? '') ?? unknown,
  // Replies older than five minutes are refused.
  renew: () => {
    replies = make();
  },
});
