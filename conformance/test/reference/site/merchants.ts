/** reference site · merchants: who may call, and the secrets both sides hold. */
import type { World } from '@polyrail/simulator';
import { createKeys } from './keys.ts';

/** What a client needs. Texts, as a merchant would copy them from acme's console. */
export interface ReferenceCredentials {
  readonly merchantId: string;
  readonly merchantSecret: string;
  /**
   * Merchants of one group share it. Quirk: so a notification for another merchant of the group
   * carries a genuine signature, and only its `merchantId` tells whose it is.
   */
  readonly platformSecret: string;
  /** Of acme's root: it vouches for the keys that take over. */
  readonly rootKey: string;
  readonly baseUrl: string;
}

export function createMerchants(world: World) {
  const { random, baseUrl } = world;
  const draw = (label: string) => Buffer.from(random.fork(label).bytes(24)).toString('hex');
  const platformSecret = draw('platform secret');
  const keys = createKeys(world, platformSecret);
  const merchants: ReferenceCredentials[] = [];
  const enroll = (): ReferenceCredentials => {
    const merchant = {
      merchantId: `M${random.fork('merchant id').digits(8)}`,
      merchantSecret: draw('merchant secret'),
      platformSecret,
      rootKey: keys.rootKey,
      get baseUrl() {
        return baseUrl();
      },
    };
    merchants.push(merchant);
    return merchant;
  };
  return {
    first: enroll(),
    keys,
    /** Nobody's: what a forger signs with. */
    foreignSecret: draw('foreign secret'),
    enroll,
    find: (merchantId: string | undefined) =>
      merchants.find((merchant) => merchant.merchantId === merchantId),
  };
}
