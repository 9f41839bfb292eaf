/** simulator · mounts: handlers for Mock Service Worker that stand in for a channel's own hosts. */
import { type HttpHandler, HttpResponse, http, type RequestHandler } from 'msw';
import { type DefineNetworkOptions, defineNetwork, InterceptorSource } from 'msw/experimental';
import type { Door } from '../site.ts';
import { turns } from '../wall.ts';
import {
  originsOf,
  type StandIn,
  type StandInOptions,
  type Standing,
  standIn,
} from './stand-in.ts';
import { answerWeb, bodiless, piecesOf, type WebResult } from './web.ts';

export interface MswMountOptions extends StandInOptions {
  /** Handlers beside the simulator's: of another one, or the merchant's own. */
  readonly handlers?: readonly RequestHandler[];
  /** What happens to requests nobody handles. Default, as in msw: `warn`, and let them through. */
  readonly onUnhandledFrame?: DefineNetworkOptions<InterceptorSource[]>['onUnhandledFrame'];
}

export interface MswMount extends StandIn {
  /** Handlers for one test only, put before the others. */
  use(...handlers: readonly RequestHandler[]): void;
}

function responseOf(result: WebResult): Response {
  if (result.kind === 'broken') return HttpResponse.error();
  const { status, headers } = result;
  const body = bodiless(status) ? null : ReadableStream.from(piecesOf(result));
  return new Response(body, { status, headers });
}

async function answer(door: Door, origin: string, request: Request): Promise<Response> {
  const body = new Uint8Array(await request.arrayBuffer());
  return responseOf(await answerWeb(door, { request, body, origin }));
}

/**
 * The simulator as handlers of msw, one per origin: for `setupServer`, `server.use`, or a mount.
 *
 * Quirk: `setupServer` sees `node:http` and the global `fetch`, but not the npm package undici:
 * such requests would really be sent. `mountMsw` sees them all.
 *
 * @throws TypeError when the simulator names no origins, or one is none
 */
export function mswHandlers({ door }: Standing, options: StandInOptions = {}): HttpHandler[] {
  return originsOf(door, options).map((origin) =>
    http.all(`${origin}/*`, ({ request }) => answer(door, origin, request)),
  );
}

/**
 * Requests to the channel's own hosts come to the simulator, whatever sends them: `node:http`, the
 * global `fetch`, the npm package undici. Needs `@mswjs/interceptors`, of which msw itself is made.
 *
 * @throws TypeError when the simulator names no origins, or one is none
 */
export async function mountMsw(site: Standing, options: MswMountOptions = {}): Promise<MswMount> {
  const { handlers = [], onUnhandledFrame = 'warn' } = options;
  const own = mswHandlers(site, options);
  const { HttpRequestInterceptor } = await import('@mswjs/interceptors/http');
  const network = defineNetwork({
    sources: [new InterceptorSource({ interceptors: [new HttpRequestInterceptor()] })],
    handlers: [...own, ...handlers],
    onUnhandledFrame,
    // Without it every request is written to the console.
    context: { quiet: true },
  });
  await network.enable();
  const undo = async () => {
    await network.disable();
    // Kept-alive connections of the mock are closed now: nobody may send on them any more.
    await turns(1);
  };
  return {
    ...standIn(originsOf(site.door, options), undo),
    use: (...more) => network.use(...more),
  };
}
