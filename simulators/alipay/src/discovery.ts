/** alipay simulator · discovery: what a client that never heard of us needs to be configured. */
import { problem } from '@polyrail/simulator';
import { credentialsOf } from './merchants.ts';
import type { Room } from './room.ts';
import { dayText } from './time.ts';

/** A request whose `url` and `body` are templates over `{tradeNo}`, `{amount}` and `{date}`. */
interface ControlRequest {
  readonly method: 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Forms, not JSON: templates with other braces than those of the names trip simple clients. */
const headers = { 'content-type': 'application/x-www-form-urlencoded' };

function control(baseUrl: string): Readonly<Record<'pay' | 'decline' | 'settle', ControlRequest>> {
  const payer = (decision: string): ControlRequest => ({
    method: 'POST',
    url: `${baseUrl}/_sim/payer`,
    headers,
    body: `id={tradeNo}&decision=${decision}`,
  });
  const settle = { method: 'POST', url: `${baseUrl}/_sim/settle`, headers } as const;
  return {
    pay: payer('approve'),
    decline: payer('decline'),
    settle: { ...settle, body: 'date={date}' },
  };
}

/** `?mode=key` (default) or `cert`, which adds the certificate trio. */
export function discover(room: Room, query: URLSearchParams): unknown {
  const mode = query.get('mode') ?? 'key';
  if (mode !== 'key' && mode !== 'cert') {
    throw problem({ field: 'mode', rule: 'key or cert', message: `No mode is called ${mode}.` });
  }
  const [merchant] = room.merchants;
  if (merchant === undefined) throw problem({ message: 'There is no merchant yet.', status: 409 });
  const baseUrl = room.world.baseUrl();
  const all = credentialsOf(room.platform, merchant, baseUrl);
  const { merchantCert, platformCert, rootCert } = all;
  return {
    channel: 'alipay',
    baseUrl,
    gatewayPath: '/gateway.do',
    appId: all.appId,
    sellerId: all.sellerId,
    merchantPrivateKey: all.merchantPrivateKey,
    merchantPublicKey: all.merchantPublicKey,
    ...(mode === 'cert' ? { merchantCert, platformCert, rootCert } : {}),
    platformPublicKey: all.platformPublicKey,
    v3Endpoint: all.v3Endpoint,
    encryptKey: all.encryptKey,
    merchantSm2PrivateKey: all.merchantSm2PrivateKey,
    platformSm2PublicKey: all.platformSm2PublicKey,
    appAuthToken: all.appAuthToken,
    authAppId: all.authAppId,
    authSellerId: all.authSellerId,
    // Today: once settled, its bill holds what was paid in this run.
    billDate: dayText(room.world.clock.now()),
    control: control(baseUrl),
  };
}
