/** alipay simulator · app gateway: the address an app is told things at that no call named one for. */
import { problem, type SimulatedReply, type SimulatedRequest } from '@polyrail/simulator';
import type { Merchant } from './merchants.ts';
import type { Room } from './room.ts';

export const appGatewayPath = '/_sim/app-gateway';

export const appGatewayOf = ({ appId }: Merchant, room: Room): string | undefined =>
  room.appGateways.get(appId) ?? room.options.appGatewayUrl;

/** Sets it, or with an empty text takes it back to the option. */
export function setAppGateway(room: Room, url: string, appId?: string): void {
  const known = room.merchants.map((one) => one.appId);
  const wanted = appId ?? known[0] ?? '';
  if (!known.includes(wanted)) {
    const message = `No app is called ${wanted}.`;
    throw problem({ field: 'appId', rule: `one of ${known.join(', ')}`, message, status: 404 });
  }
  if (url === '') room.appGateways.delete(wanted);
  else if (/^https?:\/\//i.test(url) && URL.canParse(url)) room.appGateways.set(wanted, url);
  else {
    const message = 'That is no address.';
    throw problem({ field: 'url', rule: 'an http(s) URL, or nothing', message });
  }
}

const answer = (status: number, value: unknown): SimulatedReply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: `${JSON.stringify(value)}\n`,
});

/** `POST` with `url` and, where there are several apps, `appId`; `GET` tells what is set. */
export function appGatewayRoute(request: SimulatedRequest, room: Room): SimulatedReply {
  const body = Buffer.from(request.body).toString('utf8');
  const fields = new URLSearchParams(`${request.query}&${body}`);
  const url = fields.get('url');
  try {
    if (request.method === 'POST') setAppGateway(room, url ?? '', fields.get('appId') ?? undefined);
  } catch (error) {
    return answer(400, { error: { message: error instanceof Error ? error.message : '' } });
  }
  const all = room.merchants.map((one) => [one.appId, appGatewayOf(one, room) ?? null]);
  return answer(200, Object.fromEntries(all));
}
