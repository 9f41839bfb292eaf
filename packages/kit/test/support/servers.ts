/** kit · tests: servers on the loopback that count what reaches them. */
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

export interface RawServer {
  readonly url: string;
  readonly port: number;
  /** Everything received so far, over all connections. */
  received(): string;
  connections(): number;
}

/** Calls `onData` for each piece received, with everything the connection sent until then. */
export async function rawServer(
  onData: (socket: Socket, sofar: string) => void,
  onConnection: (socket: Socket) => void = () => {},
): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let received = '';
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    let sofar = '';
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (data) => {
      sofar += data.toString('latin1');
      received += data.toString('latin1');
      onData(socket, sofar);
    });
    onConnection(socket);
  });
  const port = await listen(server);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    received: () => received,
    connections: () => connections,
  };
}

/** A server that answers every connection's first data with these bytes, then does `after`. */
export const answering = (
  reply: string | Buffer,
  after: (socket: Socket) => void = () => {},
): Promise<RawServer> => rawServer((socket) => socket.write(reply, () => after(socket)));

export async function httpServer(listener: RequestListener) {
  const server = createHttpServer(listener);
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  const port = await listen(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}`, port, connections: () => connections, server };
}
