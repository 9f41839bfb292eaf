/**
 * bench · billed: WeChat Pay with one bill, in a process of its own. Says where it is once the bill is
 * packed; the same lines stand as they are in the file it was told to write.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGzip } from 'node:zlib';
import { billText } from './bill.ts';
import { sealOf } from './sealing.ts';
import { platformKey } from './work.ts';

const [lines = '1000', textPath = ''] = process.argv.slice(2);
const file = createWriteStream(textPath);
const packer = createGzip();
const hash = createHash('sha1');
const packed: Buffer[] = [];
packer.on('data', (piece: Buffer) => packed.push(piece));

async function write(text: string): Promise<void> {
  const bytes = Buffer.from(text);
  hash.update(bytes);
  for (const to of [file, packer]) if (!to.write(bytes)) await once(to, 'drain');
}

let batch = '';
for (const text of billText(Number(lines))) {
  batch += text;
  if (batch.length < 256 * 1024) continue;
  await write(batch);
  batch = '';
}
await write(batch);
file.end();
packer.end();
await Promise.all([once(file, 'close'), once(packer, 'end')]);
const bill = Buffer.concat(packed);
const digest = hash.digest('hex');
const key = platformKey();

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    if (request.url?.startsWith('/v3/billdownload/')) {
      response.writeHead(200, {
        'content-type': 'application/x-gzip',
        'content-length': bill.length,
      });
      response.end(bill);
      return;
    }
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/v3/billdownload/file?token=dwVD7aBa&tartype=gzip`;
    const told = { download_url: url, hash_type: 'SHA1', hash_value: digest };
    const body = JSON.stringify(told);
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    response.writeHead(200, { ...headers, ...sealOf(body, key, Date.now()) });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ port, packedBytes: bill.length });
});
process.on('disconnect', () => process.exit(0));
