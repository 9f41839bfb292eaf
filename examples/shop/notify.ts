/** examples · notify: the gateway's web-standard handler in Fastify, for notifications of channels. */
import type { Gateway } from '@polyrail/gateway';
import type { FastifyInstance, FastifyRequest } from 'fastify';

function requestOf({ method, url, headers, body }: FastifyRequest, origin: string): Request {
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  return new Request(new URL(url, origin), {
    method,
    headers: pairs,
    body: body as Uint8Array<ArrayBuffer>,
  });
}

/**
 * Signatures are over the bytes as they came: what was parsed and written again verifies nowhere.
 * So this scope of Fastify's has one parser for every type of content, which gives the bytes.
 */
export function mountNotifications(
  app: FastifyInstance,
  {
    gateway,
    channels,
    shopUrl,
  }: { gateway: Gateway; channels: readonly string[]; shopUrl: string },
): void {
  app.register((scope, _, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) =>
      parsed(null, body),
    );
    for (const channel of channels) {
      const handle = gateway.handler({ channel });
      scope.post(`/notify/${channel}`, async (request, reply) => {
        const answer = await handle(requestOf(request, shopUrl));
        reply.code(answer.status).headers(Object.fromEntries(answer.headers));
        return reply.send(Buffer.from(await answer.arrayBuffer()));
      });
    }
    done();
  });
}
