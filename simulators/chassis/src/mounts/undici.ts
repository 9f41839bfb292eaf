/** simulator · mounts: an undici dispatcher that stands in for a channel's own hosts. */
import { createServer } from 'node:http';
import { Agent, type Dispatcher, getGlobalDispatcher, setGlobalDispatcher } from 'undici';
import { admit, attend, defaultMaxRequestBytes, limits } from '../reception.ts';
import type { Door } from '../site.ts';
import { createLine } from './line.ts';
import {
  originsOf,
  type StandIn,
  type StandInOptions,
  type Standing,
  standIn,
} from './stand-in.ts';
import { connectionError } from './web.ts';

export interface UndiciMountOptions extends StandInOptions {
  /** Default true: it becomes undici's global dispatcher, also that of the global `fetch`. */
  readonly global?: boolean;
  /** Where everything else goes. Default: the global dispatcher as it was. */
  readonly fallback?: Dispatcher;
}

export interface UndiciMount extends StandIn {
  /** For `dispatcher` options. */
  readonly dispatcher: Dispatcher;
}

const originOf = (origin: string | URL | undefined): string =>
  origin === undefined ? '' : new URL(origin).origin;

/** An agent whose connections are pairs of streams: real HTTP, and no socket. */
function createAgent(door: Door) {
  const server = createServer(limits);
  const maxBodyBytes = defaultMaxRequestBytes;
  const connections = attend(server, {
    door: async () => door,
    refuses: () => false,
    maxBodyBytes,
  });
  const agent = new Agent({
    // Every exchange opens its own connection: a refusal concerns the next one, not a later one.
    pipelining: 0,
    allowH2: false,
    connect({ protocol, hostname, port }, settle) {
      const { origin } = new URL(`${protocol}//${hostname}${port === '' ? '' : `:${port}`}`);
      // Quirk: an undici client that connects before `connect` returned never sends anything.
      setImmediate(() => {
        if (door.refuses()) return settle(connectionError('ECONNREFUSED'), null);
        const [near, far] = createLine();
        admit(server, far, origin);
        return settle(null, near as unknown as Parameters<typeof settle>[1] & object);
      });
    },
  });
  return {
    agent,
    async close() {
      await agent.destroy();
      for (const connection of connections) connection.destroy();
    },
  };
}

/**
 * Requests of undici to the channel's own hosts come to the simulator, over HTTP without a socket:
 * bytes, header lines and every fault are as on a port. TLS is left out, and with it client
 * certificates. Node's global `fetch` and other copies of undici go by the same global dispatcher.
 *
 * @throws TypeError when the simulator names no origins, or one is none
 */
export async function mountUndici(
  { door }: Standing,
  options: UndiciMountOptions = {},
): Promise<UndiciMount> {
  const { global = true, fallback = getGlobalDispatcher() } = options;
  const origins = originsOf(door, options);
  const known = new Set(origins);
  const { agent, close } = createAgent(door);
  let standing = true;
  const dispatcher = fallback.compose((elsewhere) => (request, handler) => {
    const ours = standing && known.has(originOf(request.origin));
    return ours ? agent.dispatch(request, handler) : elsewhere(request, handler);
  });
  if (global) setGlobalDispatcher(dispatcher);
  const undo = async () => {
    standing = false;
    // Another one may have been put on top meanwhile: this one then only passes on.
    if (global && getGlobalDispatcher() === dispatcher) setGlobalDispatcher(fallback);
    await close();
  };
  return { ...standIn(origins, undo), dispatcher };
}
