/** simulator · mounts: nock scopes that stand in for a channel's own hosts. */
import { Readable } from 'node:stream';
import nock from 'nock';
import type { Door } from '../site.ts';
import {
  originsOf,
  type StandIn,
  type StandInOptions,
  type Standing,
  standIn,
} from './stand-in.ts';
import { answerWeb, bodiless, connectionError, piecesOf } from './web.ts';

export interface NockMount extends StandIn {
  /** One per origin; each stays until the mount is stopped. */
  readonly scopes: readonly nock.Scope[];
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;

/** The reply as nock takes it: status, body and headers. */
async function answer(
  door: Door,
  request: Request,
  { origin, signal }: { readonly origin: string; readonly signal: AbortSignal },
): Promise<nock.ReplyFnResult> {
  const body = new Uint8Array(await request.arrayBuffer());
  const result = await answerWeb(door, { request, body, origin, signal });
  if (result.kind === 'broken') throw connectionError(result.code);
  const content = bodiless(result.status) ? '' : Readable.from(piecesOf(result));
  return [result.status, content, { ...result.headers }];
}

/**
 * Requests to the channel's own hosts come to the simulator: `node:http`, the global `fetch` and the
 * npm package undici. Importing this file activates nock, as importing nock does.
 *
 * @throws TypeError when the simulator names no origins, or one is none
 */
export async function mountNock(
  { door }: Standing,
  options: StandInOptions = {},
): Promise<NockMount> {
  const origins = originsOf(door, options);
  const asleep = !nock.isActive();
  if (asleep) nock.activate();
  const ended = new AbortController();
  const scopes = origins.map((origin) => nock(origin).persist());
  const interceptors = scopes.flatMap((scope, index) =>
    methods.map((method) => {
      const interceptor = scope.intercept(() => true, method);
      const origin = origins[index] ?? '';
      interceptor.reply((request: Request) =>
        answer(door, request, { origin, signal: ended.signal }),
      );
      return interceptor;
    }),
  );
  const undo = async () => {
    ended.abort();
    for (const interceptor of interceptors) nock.removeInterceptor(interceptor);
    // Quirk: nock goes on refusing a host once it was mocked, until everything is forgotten.
    if (nock.activeMocks().length === 0) nock.cleanAll();
    if (asleep) nock.restore();
  };
  return { ...standIn(origins, undo), scopes };
}
