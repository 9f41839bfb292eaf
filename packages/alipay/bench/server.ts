/**
 * bench · server: the gateway as cheap as it can be, in a process of its own. Every reply was signed
 * before the first request came, so that no contestant waits for the server's RSA.
 */
import { createSign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { orderIds, platformKeys } from './work.ts';

const { privateKey } = platformKeys();

function replyTo(id: string): Buffer {
  const node = `{"code":"10000","msg":"Success","out_trade_no":"${id}","qr_code":"https:\\/\\/qr.alipay.com\\/bax0${id}"}`;
  const sign = createSign('RSA-SHA256').update(node).sign(privateKey, 'base64');
  return Buffer.from(`{"alipay_trade_precreate_response":${node},"sign":"${sign}"}`);
}

const replies = new Map(orderIds.map((id) => [id, replyTo(id)]));
const unknown = Buffer.from('{"error_response":{"code":"40004","msg":"Business Failed"}}');

const server = createServer((request, response) => {
  let text = '';
  request.setEncoding('latin1');
  request.on('data', (chunk: string) => {
    text += chunk;
  });
  request.on('end', () => {
    const id = /order_\d+/.exec(text)?.[0] ?? '';
    const body = replies.get(id) ?? unknown;
    response.writeHead(200, {
      'content-type': 'text/html;charset=utf-8',
      'content-length': body.length,
    });
    response.end(body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on('disconnect', () => process.exit(0));
