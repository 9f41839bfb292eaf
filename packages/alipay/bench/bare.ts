/**
 * bench · bare: what every server that signs cannot do without - the request read, one RSA signature, the
 * reply - in a process of its own. Prints where it is. `--quick-key` signs as the simulator does.
 */
import { createPrivateKey, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makePair } from '@polyrail/contest';
import { generateQuickKeys } from '@polyrail/simulator';

const isQuick = process.argv.includes('--quick-key');
const pem = isQuick ? (await generateQuickKeys()).privateKeyPem : makePair().privateKey;
const key = createPrivateKey(pem);
const node =
  '{"code":"10000","msg":"Success","out_trade_no":"order_1","trade_status":"TRADE_SUCCESS"}';

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    sign('sha256', Buffer.from(node), key, (_error, signature) => {
      const text = signature.toString('base64');
      response.writeHead(200, { 'content-type': 'text/html;charset=utf-8' });
      response.end(`{"alipay_trade_query_response":${node},"sign":"${text}"}`);
    });
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ baseUrl: `http://127.0.0.1:${port}` })}\n`);
});
