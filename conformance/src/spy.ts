/** conformance · spy: a transport that records every exchange, and spoils the ones it is told to. */
import {
  type ExchangeOptions,
  PolyrailError,
  type Transport,
  type TransportReply,
  type TransportRequest,
} from '@polyrail/core';
import { turns } from './instruments.ts';

/** A reply with its body read to the end. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** One exchange as the spy saw it. */
export interface Exchange {
  readonly request: TransportRequest;
  readonly options: ExchangeOptions;
  /** Whether the first byte was announced. */
  sent: boolean;
  reply?: Reply;
}

/** What an intervention is given: the request, and the way on to the site. */
export interface Crossing {
  readonly exchange: Exchange;
  /** Announces the first byte. Throws when the caller may no longer cross. */
  depart(): void;
  /** Departs, lets the site answer and reads the whole answer; `deaf`: whatever the caller's signal says. */
  forward(options?: { readonly deaf?: boolean }): Promise<Reply>;
  /** Resolves when the caller's signal fires. */
  aborted(): Promise<void>;
}

export type Intervention = (crossing: Crossing) => Promise<TransportReply>;

/** Which exchanges an intervention concerns. */
export interface PlanOptions {
  readonly times?: number;
  /** How many of them pass unharmed first. */
  readonly skip?: number;
  /** Others pass unharmed, and are not counted. Default: every exchange. */
  readonly only?: (request: TransportRequest) => boolean;
}

type Moment = 'exchange' | 'first-byte' | 'answered' | 'hanging';

export interface Spy {
  readonly transport: Transport;
  readonly exchanges: readonly Exchange[];
  /** Everything in order, the law's own marks included. */
  readonly moments: readonly string[];
  mark(moment: string): void;
  /** Spoils the next exchanges, in the order of the calls. */
  plan(intervention: Intervention, options?: PlanOptions): void;
  /** Resolves at the next moment of this kind. */
  when(moment: Moment): Promise<void>;
  /** Forgets what was planned and seen. */
  reset(): void;
  /** How often somebody closed the transport, which is not theirs. */
  readonly closed: number;
}

const noReply = () => new PolyrailError('UNAVAILABLE', 'No reply came', { doubt: 'no-reply' });

/** A body in a few chunks, as a network would deliver it. */
async function* chunksOf(body: Uint8Array): AsyncGenerator<Uint8Array> {
  const size = Math.max(1, Math.ceil(body.length / 3));
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

const streamed = (reply: Reply): TransportReply => ({ ...reply, body: chunksOf(reply.body) });

async function readAll(reply: TransportReply): Promise<Reply> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  return {
    status: reply.status,
    headers: reply.headers,
    body: new Uint8Array(Buffer.concat(chunks)),
  };
}

const honest: Intervention = async ({ forward }) => streamed(await forward());

/** Long enough for a caller that gave up to have been told so. */
const patience = (): Promise<void> => turns(3);

/** The ways an exchange can go wrong. */
export const interventions = {
  /** The connection is refused: surely no byte left. */
  refuse: async () => {
    throw new PolyrailError('NOT_SENT', 'The connection was refused');
  },
  /** The request leaves and never arrives. */
  dropRequest: async ({ depart }) => {
    depart();
    throw noReply();
  },
  /** Done but unheard: the site acts, the answer is lost. */
  dropReply: async ({ forward }) => {
    await forward();
    throw noReply();
  },
  /** Nothing happens before the first byte, until the caller gives up. */
  hangBefore: async ({ aborted }) => {
    await aborted();
    throw new PolyrailError('ABORTED', 'Aborted before the first byte');
  },
  /** The site acts, the head of the answer never comes. */
  hangAfter: async ({ forward, aborted }) => {
    await forward();
    await aborted();
    throw noReply();
  },
  /** The head comes, the body stalls after its first half. */
  hangInBody: async ({ forward, aborted }) => {
    const reply = await forward();
    async function* stalled() {
      yield reply.body.subarray(0, reply.body.length >> 1);
      await aborted();
      throw noReply();
    }
    return { ...reply, body: stalled() };
  },
  /** A transport deaf to its signal: after the caller gave up, it still tries to send. */
  deafBefore: async (crossing) => {
    await crossing.aborted();
    await patience();
    return streamed(await crossing.forward({ deaf: true }));
  },
  /** A transport deaf to its signal: the whole answer comes, but after the caller gave up. */
  deafAfter: async ({ forward, aborted }) => {
    const reply = await forward();
    await aborted();
    await patience();
    return streamed(reply);
  },
} satisfies Record<string, Intervention>;

/** The site answers; what arrives is another reply. */
export const edited =
  (edit: (reply: Reply) => Partial<Reply>): Intervention =>
  async ({ forward }) => {
    const reply = await forward();
    return streamed({ ...reply, ...edit(reply) });
  };

/** Another reply arrives; the site never hears of the request. */
export const served =
  (reply: Reply): Intervention =>
  async ({ depart }) => {
    depart();
    return streamed(reply);
  };

/** The body breaks off after some bytes, and the transport notices. */
export const cutAt =
  (length: number): Intervention =>
  async ({ forward }) => {
    const reply = await forward();
    async function* broken() {
      yield reply.body.subarray(0, length);
      throw noReply();
    }
    return { ...reply, body: broken() };
  };

interface Planned {
  readonly intervention: Intervention;
  readonly only: (request: TransportRequest) => boolean;
}

export function createSpy(transport: Transport): Spy {
  let exchanges: Exchange[] = [];
  let moments: string[] = [];
  let planned: Planned[] = [];
  let closed = 0;
  const waiting = new Map<string, (() => void)[]>();
  const mark = (moment: string): void => {
    moments.push(moment);
    const resolvers = waiting.get(moment) ?? [];
    waiting.delete(moment);
    for (const resolve of resolvers) resolve();
  };

  const crossingOf = (exchange: Exchange): Crossing => {
    const { request, options } = exchange;
    const depart = (): void => {
      if (exchange.sent) return;
      mark('first-byte');
      options.onFirstByte?.();
      exchange.sent = true;
    };
    return {
      exchange,
      depart,
      async forward({ deaf = false } = {}) {
        const { signal, ...rest } = options;
        const heard = deaf || signal === undefined ? {} : { signal };
        const head = await transport.exchange(request, { ...rest, ...heard, onFirstByte: depart });
        exchange.reply = await readAll(head);
        mark('answered');
        return exchange.reply;
      },
      aborted: () =>
        new Promise<void>((resolve) => {
          const { signal } = options;
          if (signal?.aborted) return resolve();
          signal?.addEventListener('abort', () => resolve(), { once: true });
          mark('hanging');
        }),
    };
  };

  return {
    get exchanges() {
      return exchanges;
    },
    get moments() {
      return moments;
    },
    get closed() {
      return closed;
    },
    mark,
    plan(intervention, { times = 1, skip = 0, only = () => true } = {}) {
      planned.push(...Array<Planned>(skip).fill({ intervention: honest, only }));
      planned.push(...Array<Planned>(times).fill({ intervention, only }));
    },
    when: (moment) =>
      new Promise((resolve) => {
        waiting.set(moment, [...(waiting.get(moment) ?? []), resolve]);
      }),
    reset() {
      exchanges = [];
      moments = [];
      planned = [];
    },
    transport: {
      exchange(request, options = {}) {
        const exchange: Exchange = { request, options, sent: false };
        exchanges.push(exchange);
        mark('exchange');
        const next = planned[0]?.only(request) ? planned.shift() : undefined;
        return (next?.intervention ?? honest)(crossingOf(exchange));
      },
      async close() {
        closed += 1;
      },
    },
  };
}
