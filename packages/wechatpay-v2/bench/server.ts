/** bench · server: WeChat Pay as cheap as it can be; every reply was signed before it is asked for. */
import { orderIds, serveReplies } from '@polyrail/contest';
import { appId, mchId, signOf, xmlOf } from './work.ts';

function replyTo(id: string): Buffer {
  const fields = {
    return_code: 'SUCCESS',
    return_msg: 'OK',
    result_code: 'SUCCESS',
    appid: appId,
    mch_id: mchId,
    nonce_str: 'xp3w6bYHu2VfFu2N',
    trade_type: 'NATIVE',
    prepay_id: 'wx201410272009395522657a690389285100',
    code_url: `weixin://wxpay/bizpayurl/up?pr=${id}`,
  };
  return Buffer.from(xmlOf({ ...fields, sign: signOf(fields) }));
}

const replies = new Map(orderIds.map((id) => [id, replyTo(id)]));
const unknown = Buffer.from('<xml><return_code><![CDATA[FAIL]]></return_code></xml>');
const headers = { 'content-type': 'text/plain' };

serveReplies({
  replyTo: (text) => ({ headers, body: replies.get(/order_\d+/.exec(text)?.[0] ?? '') ?? unknown }),
});
