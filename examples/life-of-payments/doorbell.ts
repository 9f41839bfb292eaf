/** examples · doorbell: the merchant's address for notifications - verify, book, answer. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Channel,
  type Fact,
  type Incoming,
  isPolyrailError,
  type Notification,
  type Outgoing,
} from '@polyrail/core';
import { type Books, yuan } from './books.ts';
import type { Line } from './narrator.ts';

export interface Doorbell {
  readonly url: string;
  readonly count: { heard: number; news: number; refused: number };
  /** Lines about what rang since the last time, in the order it rang. */
  takeLines(): readonly Line[];
  /** From now on lines go to this function as it rings. */
  follow(tell: (line: Line) => void): void;
  close(): Promise<void>;
}

/** More than any notification has; whoever sends more is no channel. */
const maxBytes = 64 * 1024;
const line = { actor: 'push', verb: 'notification' } as const;

export async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new RangeError('The body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function wordsOf([fact]: readonly [Fact, ...Fact[]], news: boolean): string {
  if (!news) return 'genuine, known: stored once';
  const undone = fact.noun === 'payment' && fact.status === 'succeeded' ? fact.undone : undefined;
  return undone ? `verified, ${yuan(undone.amount)} back in all` : 'verified, booked, acknowledged';
}

/** Listens on a free port of this machine. */
export async function openDoorbell(
  channel: Required<Pick<Channel, 'receive' | 'acknowledge'>>,
  books: Books,
): Promise<Doorbell> {
  const count = { heard: 0, news: 0, refused: 0 };
  let lines: Line[] = [];
  let tell = (told: Line): void => void lines.push(told);

  /** Booking comes before `stored`; a book that cannot be written asks for another delivery. */
  function store(notification: Notification, ms: number): Outgoing {
    const [{ ref, status }] = notification.facts;
    try {
      // Every fact is taken, also when the first one was known.
      const news = notification.facts.filter((fact) => books.apply(fact)).length > 0;
      if (news) count.news += 1;
      const note = wordsOf(notification.facts, news);
      tell({ ...line, id: ref.merchantId, status, ms, note });
      return channel.acknowledge({ stored: notification });
    } catch (again) {
      tell({ ...line, id: ref.merchantId, status, ms, note: `not booked: ${again}` });
      return channel.acknowledge({ again });
    }
  }

  async function answer(message: Incoming): Promise<Outgoing> {
    const begun = performance.now();
    count.heard += 1;
    try {
      const notification = await channel.receive(message);
      return store(notification, performance.now() - begun);
    } catch (refused) {
      count.refused += 1;
      const note = isPolyrailError(refused) ? refused.code : String(refused);
      tell({ ...line, status: 'refused', ms: performance.now() - begun, note });
      return channel.acknowledge({ refused });
    }
  }

  const server = createServer(async (request, response) => {
    try {
      const headers = request.headers as Record<string, string>;
      const reply = await answer({ headers, body: await bodyOf(request) });
      response.writeHead(reply.status, { ...reply.headers, connection: 'close' });
      response.end(reply.body);
    } catch {
      response.destroy();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/notifications`,
    count,
    takeLines() {
      const taken = lines;
      lines = [];
      return taken;
    },
    follow(next) {
      tell = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
