/** simulator · edge: the one place around `handle` where connections and replies go wrong. */
import { instantOf } from '@polyrail/core';
import type { VirtualClock } from './clock.ts';
import { decodeBody } from './decode.ts';
import type { FaultRule, FaultSubject } from './faults.ts';
import type { Exchange, SimulatedReply, SimulatedRequest, Simulator, World } from './simulator.ts';
import { later } from './wall.ts';

/** What leaves on the wire, the same for every mount. */
export type EdgeResult =
  | {
      readonly kind: 'reply';
      readonly status: number;
      /** Names in lower case; `content-length` is that of `body`. */
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array;
      /** The connection breaks after so many bytes of the body. */
      readonly cutAfter?: number;
    }
  /** No reply: the connection closes at once, or stays silent until the client gives up. */
  | { readonly kind: 'nothing'; readonly silent: boolean };

export interface Edge {
  /** Asked once per connection, before a byte of it is read. */
  refuses(): boolean;
  serve(request: SimulatedRequest): Promise<EdgeResult>;
}

type WholeReply = { status: number; headers: Record<string, string>; body: Uint8Array };

const gatewayPage = '<html><body><h1>502 Bad Gateway</h1></body></html>';
const strayPage = '<!doctype html><title>Welcome</title><p>Please sign in to the network.</p>';
const encoder = new TextEncoder();
const textHeaders = { 'content-type': 'text/html; charset=utf-8' };
/** Marks every reply: nobody shall mistake it for the real channel. */
export const simulatorHeader = 'x-polyrail-simulator';

function wholeReply(channel: string, reply: SimulatedReply): WholeReply {
  const { status, headers = {}, body = '' } = reply;
  const named: Record<string, string> = {};
  for (const name of Object.keys(headers)) named[name.toLowerCase()] = headers[name] ?? '';
  named[simulatorHeader] = channel;
  return {
    status,
    headers: named,
    body: typeof body === 'string' ? encoder.encode(body) : body,
  };
}

/**
 * Waits virtual or wall time, whichever passes first: not every client shares the virtual clock.
 */
async function pause(clock: VirtualClock, ms: number): Promise<void> {
  if (clock.alone) {
    await new Promise<void>((resolve) => void clock.schedule(ms, resolve));
    return;
  }
  const wall = later(ms);
  let cancel: () => void = () => undefined;
  const virtual = new Promise<void>((resolve) => {
    cancel = clock.schedule(ms, resolve);
  });
  await Promise.race([wall.done, virtual]);
  wall.cancel();
  cancel();
}

/** One exchange's notes: what it was, which faults struck. */
function openExchange(world: World, first: FaultSubject, origin: string) {
  let subject = first;
  const faults: string[] = [];
  const notes: string[] = [];
  const seen: { request?: unknown; reply?: unknown } = {};
  const exchange: Exchange = {
    origin,
    fault(name) {
      const rule = world.faults.take(name, subject);
      if (rule !== undefined) faults.push(name);
      return rule;
    },
    note: (text) => void notes.push(text),
    describe({ operation = subject.operation, id = subject.id, request, reply }) {
      subject = { operation, ...(id === undefined ? {} : { id }) };
      if (request !== undefined) seen.request = request;
      if (reply !== undefined) seen.reply = reply;
    },
  };
  return { exchange, faults, notes, seen, subject: () => subject };
}
type Open = ReturnType<typeof openExchange>;

/** Replaces or cuts a reply that is on its way out. */
function spoil(reply: WholeReply, exchange: Exchange): EdgeResult {
  let spoilt = reply;
  const half = (rule: FaultRule) => {
    const wanted = rule['afterBytes'];
    const length = spoilt.body.length;
    const most = Math.max(0, length - 1);
    return Math.min(most, typeof wanted === 'number' ? wanted : Math.floor(length / 2));
  };
  const dropped = exchange.fault('drop-reply');
  if (dropped) return { kind: 'nothing', silent: dropped['silent'] === true };
  const garbage = exchange.fault('garbage-body');
  if (garbage) {
    const body = encoder.encode(String(garbage['body'] ?? strayPage));
    spoilt = { ...reply, headers: { ...reply.headers, ...textHeaders }, body };
  }
  const truncated = exchange.fault('truncate-body');
  if (truncated) spoilt = { ...spoilt, body: spoilt.body.subarray(0, half(truncated)) };
  const length = String(spoilt.body.length);
  const whole = { ...spoilt, headers: { ...spoilt.headers, 'content-length': length } };
  const reset = exchange.fault('reset-mid-body');
  return { kind: 'reply', ...whole, ...(reset ? { cutAfter: half(reset) } : {}) };
}

/** Faults that decide before the channel sees the request; `undefined` lets it through. */
function before(exchange: Exchange) {
  const dropped = exchange.fault('drop-request');
  if (dropped) return { kind: 'nothing', silent: dropped['silent'] === true } as const;
  return exchange.fault('server-error');
}

export function createEdge(world: World, simulator: Simulator): Edge {
  const { channel } = simulator;

  const perform = async (request: SimulatedRequest, open: Open): Promise<WholeReply> => {
    const work = simulator.handle(request, open.exchange);
    world.clock.hold(work);
    try {
      const reply = await work;
      await reply.after;
      return wholeReply(channel, reply);
    } catch (error) {
      const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      open.notes.push(`Defect of the simulator: ${words}`);
      const body = 'Defect of the simulator: its journal tells.\n';
      const headers = { 'content-type': 'text/plain; charset=utf-8' };
      return wholeReply(channel, { status: 500, headers, body });
    }
  };

  const run = async (request: SimulatedRequest, open: Open): Promise<EdgeResult> => {
    const { exchange } = open;
    const delay = exchange.fault('delay');
    if (delay) await pause(world.clock, delay.delayMs ?? 2_000);
    const early = before(exchange);
    if (early !== undefined && 'kind' in early) return early as EdgeResult;
    const performed = early === undefined || early['performed'] === true;
    const reply = performed ? await perform(request, open) : undefined;
    if (early === undefined) return spoil(reply as WholeReply, exchange);
    const status = Number(early['status'] ?? 502);
    const body = String(early['body'] ?? gatewayPage);
    return spoil(wholeReply(channel, { status, headers: textHeaders, body }), exchange);
  };

  const record = (request: SimulatedRequest, open: Open, details: object & { begun: number }) => {
    const { operation, id } = open.subject();
    const { begun, ...rest } = details;
    const { method, path } = request;
    world.journal.add({
      at: instantOf(world.clock.now()),
      direction: 'request',
      operation,
      ...(id === undefined ? {} : { id }),
      request: open.seen.request ?? { method, path, ...decodeBody(request.headers, request.body) },
      faults: open.faults,
      ...(open.notes.length === 0 ? {} : { note: open.notes.join('\n') }),
      durationMs: Math.round(performance.now() - begun),
      ...rest,
    });
  };

  return {
    refuses() {
      const subject = { operation: 'connect' };
      if (world.faults.take('refuse-connection', subject) === undefined) return false;
      const at = instantOf(world.clock.now());
      const faults = ['refuse-connection'];
      const note = 'The connection was refused before anything was read.';
      const direction = 'request' as const;
      world.journal.add({ at, direction, ...subject, faults, note, durationMs: 0 });
      return true;
    },
    async serve(request) {
      const begun = performance.now();
      const { method, path } = request;
      const subject = simulator.operationOf?.(request) ?? { operation: `${method} ${path}` };
      const open = openExchange(world, subject, request.origin ?? world.baseUrl());
      const result = await run(request, open);
      const left =
        result.kind === 'nothing'
          ? { ...(open.seen.reply === undefined ? {} : { reply: open.seen.reply }) }
          : {
              status: result.status,
              reply: open.seen.reply ?? decodeBody(result.headers, result.body),
            };
      record(request, open, { begun, ...left });
      return result;
    },
  };
}
