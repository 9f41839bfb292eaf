/** alipay simulator · discovery: what a client that never heard of us needs to be configured. */
import { controlRequests, problem } from '@polyrail/simulator';
import { credentialsOf } from './merchants.ts';
import type { Room } from './room.ts';
import { dayText } from './time.ts';

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
    control: controlRequests(baseUrl),
  };
}
