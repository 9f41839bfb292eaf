/**
 * gateway storm kill · balancer: the one address that the channels know. An order outlives the process that
 * made it, so none names itself: each message goes to the next process in turn, to another one when
 * that refuses the connection, and what breaks later is the channel's to repeat.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How long a process may take to answer, in ms. */
const patienceMs = 30_000;

interface Message {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}
interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

async function wholeOf(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

const passTo = (port: number, { url, headers, body }: Message): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: url, method: 'POST', headers, agent: false };
    const sent = request({ ...options, timeout: patienceMs }, (response) => {
      const { statusCode: status = 502 } = response;
      wholeOf(response).then(
        (whole) => resolve({ status, headers: response.headers, body: whole }),
        reject,
      );
    });
    sent.on('timeout', () => sent.destroy(new Error('No answer in time')));
    sent.on('error', reject);
    sent.end(body);
  });

const isRefused = (error: unknown): boolean =>
  (error as { readonly code?: unknown } | null)?.code === 'ECONNREFUSED';

export interface BalancerOptions {
  /** Where processes listened when last heard of: one may be dead by now. */
  ports(): readonly number[];
  /** Whether this message goes to two processes at once, as one does that a proxy repeats too soon. */
  doubles(): boolean;
}

export type Balancer = Awaited<ReturnType<typeof startBalancer>>;

export async function startBalancer({ ports, doubles }: BalancerOptions) {
  let turn = 0;
  let doubled = 0;
  const pass = async (message: Message): Promise<Answer> => {
    turn += 1;
    const all = ports();
    const inTurn = all.map((_, index) => all[(turn + index) % all.length] as number);
    const [first, second] = inTurn;
    if (first !== undefined && second !== undefined && doubles()) {
      doubled += 1;
      const both = [passTo(first, message), passTo(second, message)];
      return Promise.any(both);
    }
    for (const port of inTurn) {
      try {
        return await passTo(port, message);
      } catch (error) {
        if (!isRefused(error)) break;
      }
    }
    return { status: 502, headers: {}, body: Buffer.alloc(0) };
  };
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { url = '/', headers } = incoming;
    const {
      status,
      headers: told,
      body,
    } = await pass({
      url,
      headers,
      body: await wholeOf(incoming),
    });
    const { connection, 'transfer-encoding': encoding, ...kept } = told;
    response.writeHead(status, kept).end(body);
  };
  const server = createServer((incoming, response) => {
    answer(incoming, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts: () => ({ messages: turn, doubled }),
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
