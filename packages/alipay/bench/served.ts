/** bench · served: one of the servers of bench/simulator.ts, in a process of its own. */
import { createPrivateKey, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startAlipay } from '@polyrail/alipay-simulator';
import { makePair } from '@polyrail/contest';

/** What every server that signs cannot do without: the request read, one RSA signature, the reply. */
async function bare(): Promise<string> {
  const key = createPrivateKey(makePair().privateKey);
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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/gateway.do`;
}

async function simulator() {
  const site = await startAlipay({ seed: 1 });
  return { url: site.credentials.gatewayUrl, credentials: site.credentials };
}

const [kind = ''] = process.argv.slice(2);
process.send?.(kind === 'simulator' ? await simulator() : { url: await bare() });
process.on('disconnect', () => process.exit(0));
