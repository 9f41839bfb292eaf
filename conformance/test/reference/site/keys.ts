/** reference site · keys: the secrets acme seals with, vouched for by a chain, and handed out hidden. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { SimulatedReply, SimulatedRequest, World } from '@polyrail/simulator';
import { hideText } from './seal.ts';

const dayMs = 24 * 3_600_000;
/** What stands before the 32 bytes of an Ed25519 key in PKCS#8. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Who vouches: by a name, with a key that only signs vouchers. */
interface Authority {
  readonly name: string;
  readonly key: KeyObject;
}

export interface PlatformKey {
  /** What `x-acme-key` says: made of the secret, and tells nothing about it. */
  readonly id: string;
  readonly secret: string;
  /** Of the key itself and of who vouched for it. The root's own stands in the configuration. */
  readonly vouchers: readonly string[];
}

export interface Keys {
  /** Of the root: what a merchant configures to know acme by. */
  readonly rootKey: string;
  current(): PlatformKey;
  /** A further key seals from now on. */
  rotate(): PlatformKey;
  /** Posing as acme, with vouchers of another chain. */
  foreign(): PlatformKey;
  /** acme's once: its time is over. */
  expired(): PlatformKey;
  /** From acme's own chain, but of a merchant. */
  misnamed(): PlatformKey;
  /** Whatever was used since the start: nobody checks here what is asked for. */
  handOut(merchantSecret: string): SimulatedReply;
  /** As before the first rotation. */
  reset(): void;
}

export const keyIdOf = (secret: string): string =>
  createHash('sha256').update(`key id ${secret}`).digest('hex').slice(0, 16);

const publicText = (key: KeyObject): string =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64url');

interface Claims {
  readonly name: string;
  /** The id of a key of acme's, or the public key of who vouches. */
  readonly key: string;
  readonly from: number;
  readonly until: number;
}

function voucherOf(about: Claims, by: Authority): string {
  const claims = Buffer.from(JSON.stringify({ ...about, issuer: by.name })).toString('base64url');
  return `${claims}.${sign(null, Buffer.from(claims), by.key).toString('base64url')}`;
}

/** Mints acme's chain, and what others would make in its place when they are first wanted. */
export function createKeys({ random, clock }: World, firstSecret: string): Keys {
  const authority = (name: string): Authority => {
    const seed = Buffer.from(random.fork(`authority ${name}`).bytes(32));
    const der = Buffer.concat([pkcs8Prefix, seed]);
    return { name, key: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }) };
  };
  const now = clock.now();
  const usual = { from: now - dayMs, until: now + 3_650 * dayMs };
  const chainOf = (root: Authority, middle: Authority) => ({
    middle,
    voucher: voucherOf({ name: middle.name, key: publicText(middle.key), ...usual }, root),
  });
  const root = authority('acme root');
  const chain = chainOf(root, authority('acme middle'));
  const keyOf = (secret: string, about: Partial<Claims> = {}, from = chain): PlatformKey => {
    const id = keyIdOf(secret);
    const leaf = voucherOf({ name: 'acme', key: id, ...usual, ...about }, from.middle);
    return { id, secret, vouchers: [leaf, from.voucher] };
  };
  const draw = (label: string) => Buffer.from(random.fork(label).bytes(24)).toString('hex');
  const first = keyOf(firstSecret);
  let made = [first];
  const used = new Map<string, PlatformKey>();
  const once = (label: string, make: () => PlatformKey) => (): PlatformKey => {
    const key = used.get(label) ?? make();
    used.set(label, key);
    return key;
  };
  return {
    rootKey: publicText(root.key),
    current: () => made[0] ?? first,
    rotate() {
      made = [keyOf(draw('next platform secret')), ...made];
      return made[0] ?? first;
    },
    foreign: once('foreign', () => {
      const from = chainOf(authority('another root'), authority('another middle'));
      return keyOf(draw('a stranger'), {}, from);
    }),
    expired: once('expired', () => keyOf(draw('expired'), { until: now - 1 })),
    misnamed: once('misnamed', () => keyOf(draw('misnamed'), { name: 'M00000001' })),
    handOut(merchantSecret) {
      const keys = [...made, ...used.values()].map(({ secret, vouchers }) => ({
        vouchers,
        hidden: hideText(secret, { purpose: 'key', merchantSecret, random }),
      }));
      return { status: 200, body: JSON.stringify({ keys }) };
    },
    reset() {
      made = [first];
      used.clear();
    },
  };
}

/** Whose key seals a message, by the faults that strike it. */
export function sealingKey(take: (fault: string) => unknown, keys: Keys): PlatformKey {
  if (take('key-rotation')) return keys.rotate();
  if (take('foreign-chain')) return keys.foreign();
  if (take('expired-certificate')) return keys.expired();
  if (take('wrong-name')) return keys.misnamed();
  return keys.current();
}

/** `GET /v1/keys?merchant=M…`: anybody may ask, only that merchant can read it. */
export const isKeysRequest = ({ method, path }: SimulatedRequest): boolean =>
  method === 'GET' && path === '/v1/keys';
