/** contest · impostor: whoever holds the other end of the line, on a port of this machine. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer, byte for byte; status 200 unless it says another one. */
export interface Told {
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Answers by method and path; what it does not know is answered with 404 and no body. */
export type Site = (asked: string, origin: string) => Told | undefined;

export interface Impostor {
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
  /** Method and path of every request so far. */
  readonly asked: readonly string[];
}

/** Runs some work against a site; the port is closed afterwards. */
export async function against<T>(site: Site, work: (impostor: Impostor) => Promise<T>): Promise<T> {
  const asked: string[] = [];
  let origin = '';
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const what = `${request.method} ${request.url}`;
      asked.push(what);
      const nothing: Told = { status: 404, headers: {}, body: new Uint8Array() };
      const { status = 200, headers, body } = site(what, origin) ?? nothing;
      response.writeHead(status, { ...headers });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    return await work({ origin, asked });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
