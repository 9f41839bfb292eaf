/** contest · server: the channel as cheap as it can be, in a process of its own. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Reply {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface Served {
  /** What is answered to a request with this text: made before, so that nobody waits for it. */
  replyTo(text: string): Reply;
  /** Makes the replies anew; asked for before each contestant, by replies that grow stale. */
  renew?(): void;
}

/** Says `{ port }` to the process that started it, and ends with it. */
export function serveReplies({ replyTo, renew }: Served): void {
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('latin1');
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      const { headers, body } = replyTo(text);
      response.writeHead(200, { ...headers, 'content-length': body.byteLength });
      response.end(body);
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => {
    process.send?.({ port: (server.address() as AddressInfo).port });
  });
  process.on('message', () => {
    renew?.();
    process.send?.('renewed');
  });
  process.on('disconnect', () => process.exit(0));
}
