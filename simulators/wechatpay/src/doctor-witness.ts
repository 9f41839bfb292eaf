/** wechatpay simulator · doctor-witness: who may have signed, and what was signed before. */
import type { KeyHolder } from '@polyrail/simulator/doctor';
import type { Merchant, PlatformKey } from './merchants.ts';
import type { Room } from './room.ts';
import type { PublicHalf } from './v3-suite.ts';

type Role = KeyHolder['role'];

const keyOf = ({ key, point }: PublicHalf): Pick<KeyHolder, 'key' | 'sm2'> =>
  point === undefined ? { key } : { key, sm2: { point } };

const ofMerchant = ({ mchid, signer }: Merchant, role: Role): KeyHolder => ({
  whose: role === 'expected' ? 'this merchant' : `merchant ${mchid}`,
  role,
  ...keyOf(signer.publicHalf),
});

/** A key of the platform, under the name that `Wechatpay-Serial` has for it. */
export interface PlatformHolder extends KeyHolder {
  readonly id: string;
}

const ofPlatform = (key: PlatformKey, role: Role): PlatformHolder => ({
  whose: `WeChat Pay (${key.id})`,
  role,
  ...keyOf(key.publicHalf),
  id: key.id,
});

const stranger = ({ platform }: Room): KeyHolder => ({
  whose: 'a stranger (the forger of this simulator)',
  role: 'stranger',
  ...keyOf(platform.foreign.publicHalf),
});

/** WeChat Pay's keys: its certificates, the newest first, and the public key of every merchant. */
export const platformHolders = ({ platform, merchants }: Room, role: Role = 'expected') =>
  [...platform.certificates(), ...merchants.map(({ signer }) => signer.platformKey)].map((key) =>
    ofPlatform(key, role),
  );

/** Of a request: the merchant it names, every other one, WeChat Pay itself, a forger. */
export function requestHolders(room: Room, merchant: Merchant): readonly KeyHolder[] {
  const others = room.merchants.filter((one) => one !== merchant);
  return [
    ofMerchant(merchant, 'expected'),
    ...others.map((one) => ofMerchant(one, 'other')),
    ...platformHolders(room, 'platform'),
    stranger(room),
  ];
}

/** Of an answer or a notification: WeChat Pay's keys past and present, every merchant, a forger. */
export const messageHolders = (room: Room): readonly KeyHolder[] => [
  ...platformHolders(room),
  ...room.merchants.map((one) => ofMerchant(one, 'other')),
  stranger(room),
];

/** The lines of an earlier message, without method and target of requests. */
export interface Earlier {
  readonly timestamp: string;
  readonly nonce: string;
  readonly body: string;
  readonly method?: string;
  readonly target?: string;
}

const kept = 50;
const longest = 16_384;
const memories = new WeakMap<Room, Map<string, readonly Earlier[]>>();

/** What the platform signed is remembered under this name, what a merchant signed under its number. */
export const platformMemory = 'platform';

/** What somebody signed before, the newest first. */
export const earlierOf = (room: Room, who: string): readonly Earlier[] =>
  memories.get(room)?.get(who) ?? [];

/** A signature that comes again over another text is explained by the text it was made for. */
export function remember(room: Room, who: string, message: Earlier): void {
  if (message.body.length > longest) return;
  const memory = memories.get(room) ?? new Map<string, readonly Earlier[]>();
  memories.set(room, memory);
  memory.set(who, [message, ...earlierOf(room, who).slice(0, kept - 1)]);
}
