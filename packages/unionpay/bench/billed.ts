/**
 * bench · billed: a file host that has one file, in a process of its own. Says where it is once the
 * file is packed; the same rows stand unpacked in the file it was told to write.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { batches, date, makeContent, rowTexts } from './bill.ts';
import { sealedReply } from './sealing.ts';
import { merId, platformKey } from './work.ts';

const [lines = '1000', textPath = ''] = process.argv.slice(2);
const file = createWriteStream(textPath);
for (const bytes of batches(rowTexts(Number(lines)))) {
  if (!file.write(bytes)) await once(file, 'drain');
}
file.end();
await once(file, 'close');
const answer = sealedReply(
  {
    accessType: '0',
    bizType: '000000',
    encoding: 'UTF-8',
    fileContent: await makeContent(batches(rowTexts(Number(lines)))),
    fileName: `${merId}_${date.replaceAll('-', '')}.zip`,
    merId,
    respCode: '00',
    respMsg: '成功[0000000]',
    settleDate: '1121',
    signMethod: '01',
    txnSubType: '01',
    txnType: '76',
    version: '5.1.0',
  },
  platformKey(),
);

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, {
      'content-type': 'text/html;charset=UTF-8',
      'content-length': answer.length,
    });
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ port, packedBytes: answer.length });
});
process.on('disconnect', () => process.exit(0));
