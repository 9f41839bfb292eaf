/**
 * bench · billed: a gateway that has one bill, in a process of its own. Says where it is once the
 * bill is packed; the same lines stand as UTF-8 in the file it was told to write.
 */
import { createSign } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { batches, detailText, makeBill } from './bill.ts';
import { platformKeys } from './work.ts';

const [lines = '1000', textPath = ''] = process.argv.slice(2);
const { privateKey } = platformKeys();
const bill = await makeBill(Number(lines));
const file = createWriteStream(textPath);
for (const batch of batches(detailText(Number(lines)))) {
  if (!file.write(batch)) await once(file, 'drain');
}
file.end();
await once(file, 'close');

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-length': bill.length });
      response.end(bill);
      return;
    }
    const { port } = server.address() as AddressInfo;
    const node = `{"code":"10000","msg":"Success","bill_download_url":"http:\\/\\/127.0.0.1:${port}\\/bill"}`;
    const sign = createSign('RSA-SHA256').update(node).sign(privateKey, 'base64');
    const name = 'alipay_data_dataservice_bill_downloadurl_query_response';
    response.end(`{"${name}":${node},"sign":"${sign}"}`);
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ port, packedBytes: bill.length });
});
process.on('disconnect', () => process.exit(0));
