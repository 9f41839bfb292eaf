/** simulator · in-process: a mount without sockets, with every fault a socket could have. */
import type { ExchangeOptions, Transport, TransportReply, TransportRequest } from '@polyrail/core';
import type { EdgeResult } from './edge.ts';
import { createHost, type Host, type MountOptions } from './host.ts';
import type { SimulatedRequest, SimulatorFactory } from './simulator.ts';
import { createSite, type Site } from './site.ts';
import {
  abortedBefore,
  defaultMaxBodyBytes,
  noReply,
  notSent,
  tooLong,
} from './transport-errors.ts';
import { turns } from './wall.ts';

const encoder = new TextEncoder();
const chunkBytes = 16_384;

/** Settles as `work`, or rejects as soon as the signal fires. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let forget: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    const tell = () => reject(noReply('the exchange was aborted'));
    signal.addEventListener('abort', tell, { once: true });
    forget = () => signal.removeEventListener('abort', tell);
    if (signal.aborted) tell();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    forget();
  }
}

function simulatedRequest(
  request: TransportRequest,
  { origin, own }: { readonly origin: string; readonly own: boolean },
): SimulatedRequest {
  const raw = request.url.slice(origin.length).replace(/#.*$/s, '');
  const target = raw.startsWith('/') ? raw : `/${raw}`;
  const mark = target.indexOf('?');
  const { body = '' } = request;
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name.toLowerCase(),
    value,
  ]);
  return {
    method: request.method,
    target,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? '' : target.slice(mark + 1),
    headers: { host: new URL(origin).host, ...Object.fromEntries(headers) },
    body: typeof body === 'string' ? encoder.encode(body) : body.slice(),
    secure: false,
    ...(own ? {} : { origin }),
  };
}

async function* bodyOf(
  result: EdgeResult & { kind: 'reply' },
  options: ExchangeOptions,
): AsyncGenerator<Uint8Array> {
  const { maxBodyBytes = defaultMaxBodyBytes, signal } = options;
  const end = result.cutAfter ?? result.body.length;
  for (let offset = 0; offset < end; offset += chunkBytes) {
    await turns(1);
    if (signal?.aborted) throw noReply('the exchange was aborted');
    const chunk = result.body.slice(offset, Math.min(end, offset + chunkBytes));
    if (offset + chunk.length > maxBodyBytes) throw tooLong(maxBodyBytes);
    yield chunk;
  }
  if (result.cutAfter !== undefined) throw noReply('the connection broke within the body');
}

/**
 * Follows the contract of core's `Transport`. It knows the origin of the site and those of the real
 * channel, for which it stands in; any other is a host that does not exist.
 */
function inProcessTransport(host: Host<unknown>, home: string, open: () => boolean): Transport {
  const known = new Set([home, ...(host.simulator.origins ?? [])]);
  const exchange = async (
    request: TransportRequest,
    options: ExchangeOptions = {},
  ): Promise<TransportReply> => {
    const { signal, onFirstByte } = options;
    if (signal?.aborted) throw abortedBefore();
    const origin = URL.canParse(request.url) ? new URL(request.url).origin : '';
    if (!known.has(origin)) throw notSent('no such host');
    const simulated = simulatedRequest(request, { origin, own: origin === home });
    await turns(1);
    if (signal?.aborted) throw abortedBefore();
    if (!open()) throw notSent('the simulator was stopped');
    if (host.refuses()) throw notSent('the connection was refused');
    onFirstByte?.();
    const result = await unlessAborted(host.serve(simulated), signal);
    if (result.kind === 'reply') {
      return { status: result.status, headers: result.headers, body: bodyOf(result, options) };
    }
    if (!result.silent) throw noReply('the connection was closed');
    return unlessAborted(new Promise<never>(() => undefined), signal);
  };
  return { exchange };
}

/** Runs a simulator inside this process: no port, no socket, the same faults. */
export async function mountInProcess<Credentials>(
  factory: SimulatorFactory<Credentials>,
  options: MountOptions = {},
): Promise<Site<Credentials>> {
  let origin = '';
  const host = await createHost(factory, { ...options, baseUrl: () => origin });
  origin = `http://${host.simulator.channel}.simulator.invalid`;
  let open = true;
  const transport = inProcessTransport(host, origin, () => open);
  const stop = async () => {
    open = false;
  };
  return createSite(host, { url: origin, nowhere: true, transport, stop });
}
