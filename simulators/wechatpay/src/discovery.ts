/** wechatpay simulator · discovery: what a client that never heard of us needs to be configured. */
import { controlRequests, problem } from '@polyrail/simulator';
import { credentialsOf } from './merchants.ts';
import type { Room } from './room.ts';
import { dayText } from './time.ts';

const channels = { v3: 'wechatv3', v2: 'wechatv2' } as const;

/** One of a few words of the query; the first when it says nothing. */
function wordOf<Word extends string>(
  query: URLSearchParams,
  field: string,
  words: readonly [Word, ...Word[]],
): Word {
  const value = query.get(field) ?? words[0];
  const word = words.find((one) => one === value);
  if (word !== undefined) return word;
  throw problem({ field, rule: words.join(' or '), message: `No ${field} is called ${value}.` });
}

/** `?protocol=v3` (default) or `v2`, `&keys=certificate` (default) or `public-key`. */
export function discover(room: Room, query: URLSearchParams): unknown {
  const protocol = wordOf(query, 'protocol', ['v3', 'v2']);
  const keys = wordOf(query, 'keys', ['certificate', 'public-key']);
  const [first, second] = room.merchants;
  const merchant = keys === 'certificate' ? first : second;
  if (merchant === undefined) throw problem({ message: 'There is no merchant yet.', status: 409 });
  const baseUrl = room.world.baseUrl();
  const secure = room.world.secure();
  const all = credentialsOf(room.platform, merchant);
  return {
    channel: channels[protocol],
    baseUrl,
    appId: all.appId,
    mchId: all.mchId,
    merchantPrivateKey: all.merchantPrivateKey,
    merchantCert: all.merchantCert,
    merchantCertSerial: all.merchantCertSerial,
    apiV3Key: all.apiV3Key,
    apiKey: all.apiKey,
    platformCert: all.platformCert,
    platformCertSerial: all.platformCertSerial,
    platformPublicKey: all.platformPublicKey,
    platformPublicKeyId: all.platformPublicKeyId,
    usePublicKey: all.usePublicKey,
    // Empty where there is no listener.
    tlsBaseUrl: secure?.url ?? '',
    tlsCa: secure?.authority ?? '',
    // Today: once settled, its bill holds what was paid in this run.
    billDate: dayText(room.world.clock.now()),
    control: controlRequests(baseUrl),
  };
}
