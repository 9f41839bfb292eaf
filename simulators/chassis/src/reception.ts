/** simulator · reception: brings what arrives on connections, on a port or not, to a simulator. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { type EdgeResult, simulatorHeader } from './edge.ts';
import type { SimulatedRequest } from './simulator.ts';
import type { Door } from './site.ts';

export interface Reception {
  /** Awaited with each request: connections may come before the simulator is made. */
  readonly door: () => Promise<Door>;
  /** Asked once per connection. */
  readonly refuses: () => boolean;
  readonly maxBodyBytes: number;
}

/** Cap of a request body. */
export const defaultMaxRequestBytes = 1024 * 1024;
/** Signed page URLs are long. */
export const limits = { maxHeaderSize: 65_536, requestTimeout: 30_000, keepAliveTimeout: 30_000 };

/** What stands in for a host is told by the connection, not by a header anybody may write. */
const origins = new WeakMap<Duplex, string>();

/** The whole body, or `undefined` once it passed the cap; rejects when the client leaves within it. */
function readBody(incoming: IncomingMessage, cap: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > cap) resolve(undefined);
      else chunks.push(chunk);
    });
    incoming.on('end', () => {
      const [first] = chunks;
      resolve(first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks));
    });
    incoming.on('error', reject);
    incoming.on('close', () => {
      if (!incoming.complete) reject(new Error('The client left within its request'));
    });
  });
}

function clientCertificate(socket: Duplex) {
  if (!(socket instanceof TLSSocket)) return {};
  const peer = socket.getPeerX509Certificate();
  if (peer === undefined) return {};
  if (!socket.authorized) return { untrustedCertificate: true };
  const commonName = /^CN=(.*)$/m.exec(peer.subject)?.[1] ?? '';
  const { serialNumber } = peer;
  return { clientCertificate: { pem: peer.toString(), serialNumber, commonName } };
}

const isText = (value: unknown): boolean => typeof value === 'string';

/** As Node tells them, each as one text: most requests repeat no header, and are not copied. */
function headersOf({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  if (Object.values(headers).every(isText)) return headers as Record<string, string>;
  const texts: Record<string, string> = {};
  for (const [name, value = ''] of Object.entries(headers)) texts[name] = [value].flat().join(', ');
  return texts;
}

function simulatedRequest(incoming: IncomingMessage, body: Buffer): SimulatedRequest {
  const { socket } = incoming;
  const origin = origins.get(socket);
  const raw = incoming.url ?? '/';
  // A client that takes this for a proxy sends an absolute target.
  const target = raw.replace(/^https?:\/\/[^/?#]*/i, '').replace(/^(?!\/)/, '/');
  const mark = target.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    target,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? '' : target.slice(mark + 1),
    headers: headersOf(incoming),
    body: new Uint8Array(body.buffer, body.byteOffset, body.length),
    secure: socket instanceof TLSSocket,
    ...(origin === undefined ? {} : { origin }),
    ...clientCertificate(socket),
  };
}

const latin1 = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('latin1');

/** Writes what the edge decided, breaking the connection where it says so. */
function writeResult(outgoing: ServerResponse, result: EdgeResult): void {
  const { socket } = outgoing;
  if (result.kind === 'nothing') {
    if (!result.silent) socket?.destroy();
    return;
  }
  outgoing.writeHead(result.status, result.headers);
  if (result.cutAfter === undefined) {
    // As characters of one byte each: those leave in one piece with the headers, bytes in a second one.
    outgoing.end(latin1(result.body), 'latin1');
    return;
  }
  outgoing.flushHeaders();
  // Destroyed once the first part has left: the client hears of the length and misses the rest.
  outgoing.write(result.body.subarray(0, result.cutAfter), () => socket?.destroy());
}

/** What is answered to a request body over the cap. */
export function oversize(channel: string, cap: number): EdgeResult & { readonly kind: 'reply' } {
  const body = Buffer.from(`The request body is longer than ${cap} bytes.\n`);
  const headers = {
    [simulatorHeader]: channel,
    connection: 'close',
    'content-length': String(body.length),
  };
  return { kind: 'reply', status: 413, headers, body };
}

/** Answers whatever connects to a server; its open connections. */
export function attend(server: Server, reception: Reception): ReadonlySet<Duplex> {
  const { door, refuses, maxBodyBytes } = reception;
  const sockets = new Set<Duplex>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    if (refuses()) socket.resetAndDestroy();
  });
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await readBody(incoming, maxBodyBytes);
    const open = await door();
    const result =
      body === undefined
        ? oversize(open.channel, maxBodyBytes)
        : await open.serve(simulatedRequest(incoming, body));
    writeResult(outgoing, result);
  };
  server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    answer(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  return sockets;
}

/** Hands a server a connection that stands in for one to `origin`. */
export function admit(server: Server, connection: Duplex, origin: string): void {
  origins.set(connection, origin);
  server.emit('connection', connection);
}
