/** simulator · mounts: a request and a reply as mocking libraries hold them, brought to the door. */
import type { EdgeResult } from '../edge.ts';
import { defaultMaxRequestBytes, oversize } from '../reception.ts';
import type { SimulatedRequest } from '../simulator.ts';
import type { Door } from '../site.ts';

export interface WebCall {
  readonly request: Request;
  readonly body: Uint8Array;
  readonly origin: string;
  /** Ends a call that nobody answers. */
  readonly signal?: AbortSignal;
}

/** A reply, or how the connection ended without one. */
export type WebResult =
  | (EdgeResult & { readonly kind: 'reply' })
  | { readonly kind: 'broken'; readonly code: 'ECONNREFUSED' | 'ECONNRESET' };

const broken = (code: 'ECONNREFUSED' | 'ECONNRESET'): WebResult => ({ kind: 'broken', code });

function simulatedRequest({ request, body, origin }: WebCall): SimulatedRequest {
  const { host, pathname, search } = new URL(request.url);
  return {
    method: request.method,
    target: pathname + search,
    path: pathname,
    query: search.slice(1),
    headers: { host, ...Object.fromEntries(request.headers) },
    body,
    secure: false,
    origin,
  };
}

/** Settles once somebody gives up waiting. */
async function givenUp(signals: readonly AbortSignal[]): Promise<void> {
  const any = AbortSignal.any([...signals]);
  if (any.aborted) return;
  await new Promise<void>((resolve) => {
    any.addEventListener('abort', () => resolve(), { once: true });
  });
}

export async function answerWeb(door: Door, call: WebCall): Promise<WebResult> {
  const { body, request, signal } = call;
  if (door.refuses()) return broken('ECONNREFUSED');
  if (body.length > defaultMaxRequestBytes) return oversize(door.channel, defaultMaxRequestBytes);
  const result = await door.serve(simulatedRequest(call));
  if (result.kind === 'reply') return result;
  if (result.silent) await givenUp([request.signal, ...(signal === undefined ? [] : [signal])]);
  return broken('ECONNRESET');
}

export function connectionError(code: 'ECONNREFUSED' | 'ECONNRESET'): Error {
  const message = code === 'ECONNRESET' ? 'socket hang up' : 'connect ECONNREFUSED';
  return Object.assign(new Error(message), { code });
}

/** The pieces of a reply's body, whole or broken off; none for a status that has no body. */
export async function* piecesOf({
  body,
  cutAfter,
}: WebResult & { readonly kind: 'reply' }): AsyncGenerator<Uint8Array, undefined> {
  yield body.slice(0, cutAfter);
  if (cutAfter !== undefined) throw connectionError('ECONNRESET');
}

/** Replies that have no body by definition. */
export const bodiless = (status: number): boolean => status === 204 || status === 304;
