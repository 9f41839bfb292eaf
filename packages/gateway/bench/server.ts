/**
 * bench · server: the channel as cheap as it can be. Every reply was signed before the first request came,
 * so that nobody waits for the server's RSA.
 */
import { createSign } from 'node:crypto';
import { serveReplies } from '@polyrail/contest';
import { paymentIds, platformKey, warmIds } from './work.ts';

const key = platformKey();

function replyTo(id: string): Buffer {
  const node = `{"code":"10000","msg":"Success","out_trade_no":"${id}","qr_code":"https:\\/\\/qr.alipay.com\\/bax0${id}"}`;
  const sign = createSign('RSA-SHA256').update(node).sign(key, 'base64');
  return Buffer.from(`{"alipay_trade_precreate_response":${node},"sign":"${sign}"}`);
}

const replies = new Map([...paymentIds, ...warmIds].map((id) => [id, replyTo(id)]));
const unknown = Buffer.from('{"error_response":{"code":"40004","msg":"Business Failed"}}');
const headers = { 'content-type': 'text/html;charset=utf-8' };

serveReplies({
  replyTo: (text) => ({
    headers,
    body: replies.get(/(?:order|warm)_\d+/.exec(text)?.[0] ?? '') ?? unknown,
  }),
});
