/** examples · backend: a merchant's program on a gateway, which may stop and start again. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Channel } from '@polyrail/core';
import { createGateway, type Entry, type Gateway, sqliteStore } from '@polyrail/gateway';
import type { VirtualClock } from '@polyrail/simulator';
import { bodyOf } from './doorbell.ts';
import { hourMs, type Stage } from './stage.ts';

export interface Backend {
  readonly gateway: Gateway;
  /** Ids of what was paid, as the handler was told. */
  readonly shipped: readonly string[];
  /** Waits a while until a payment is as described; gives it as it stands then. */
  until(
    id: string,
    holds: (entry: Entry<'payment'>) => boolean,
  ): Promise<Entry<'payment'> | undefined>;
  close(): Promise<void>;
}

const place = { channel: 'alipay' } as const;
const turns = 2000;
const turnMs = 5;

/** A clock that is moved by hours waits for calls under way: otherwise they would all be too late. */
function heldBy(clock: VirtualClock, channel: Channel): Channel {
  const members = Object.entries(channel).map(([name, member]: [string, unknown]) => {
    if (typeof member !== 'function') return [name, member];
    const held = (...words: readonly unknown[]): unknown => {
      const answer: unknown = member(...words);
      if (answer instanceof Promise) clock.hold(answer.catch(() => undefined));
      return answer;
    };
    return [name, held];
  });
  return Object.fromEntries(members) as Channel;
}

/** Opens the gateway on a file: what is in it goes on where it stood. */
export async function openBackend({ site, channel }: Stage, file: string): Promise<Backend> {
  const { clock } = site;
  const shipped: string[] = [];
  const server = createServer(async (request, response) => {
    try {
      const headers = request.headers as Record<string, string>;
      const answer = await gateway.receive(place, { headers, body: await bodyOf(request) });
      response.writeHead(answer.status, { ...answer.headers, connection: 'close' });
      response.end(answer.body);
    } catch {
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const gateway = await createGateway({
    channels: { [place.channel]: heldBy(clock, channel) },
    store: sqliteStore({ file }),
    clock,
    notifyUrl: () => `http://127.0.0.1:${port}/alipay`,
    late: { default: 'refund', deadlineMs: hourMs },
    on: { payment: { succeeded: ({ entry }) => void shipped.push(entry.id) } },
  });
  return {
    gateway,
    shipped,
    async until(id, holds) {
      let entry = await gateway.find('payment', id);
      for (let turn = 0; turn < turns && !(entry && holds(entry)); turn += 1) {
        await wait(turnMs);
        entry = await gateway.find('payment', id);
      }
      return entry;
    },
    async close() {
      await gateway.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
