/** alipay simulator · doctor-witness: who may have signed, and what an app signed before. */
import { createPublicKey } from 'node:crypto';
import type { KeyHolder } from '@polyrail/simulator/doctor';
import type { Earlier } from './doctor-form.ts';
import type { Identity, Merchant } from './merchants.ts';
import type { Room } from './room.ts';

type Role = KeyHolder['role'];

const ofMerchant = ({ appId, publicKey }: Merchant, role: Role, whose: string): KeyHolder => ({
  whose: role === 'expected' ? whose : `app ${appId}`,
  role,
  key: publicKey.rsa,
  sm2: publicKey.sm2,
});

const ofIdentity = (identity: Identity, role: Role, whose: string): KeyHolder => ({
  whose,
  role,
  key: createPublicKey(identity.publicKeyPem),
  sm2: identity.privateKey.sm2.publicKey,
});

const stranger = ({ platform }: Room): KeyHolder => ({
  whose: 'a stranger (the forger of this simulator)',
  role: 'stranger',
  key: createPublicKey(platform.foreignKey.rsa),
  sm2: platform.foreignKey.sm2.publicKey,
});

/** Of a request: the app it names, every other app, Alipay itself, a forger. */
export function requestHolders(room: Room, merchant: Merchant): readonly KeyHolder[] {
  const others = room.merchants.filter((one) => one !== merchant);
  return [
    ofMerchant(merchant, 'expected', 'this app'),
    ...others.map((one) => ofMerchant(one, 'other', '')),
    ofIdentity(room.platform.identity, 'platform', 'Alipay'),
    stranger(room),
  ];
}

/** Of a reply or notification: Alipay's keys past and next, every app, a forger. */
export async function platformHolders(room: Room): Promise<readonly KeyHolder[]> {
  const identities = await room.platform.identities();
  return [
    ...identities.map((one) => ofIdentity(one, 'expected', 'Alipay')),
    ...room.merchants.map((one) => ofMerchant(one, 'other', '')),
    stranger(room),
  ];
}

const kept = 50;
const longest = 16_384;
/** Of each app, the newest last; trimmed in blocks, because every request adds one. */
const memories = new WeakMap<Room, Map<string, Earlier[]>>();

/** Texts that an app's earlier requests signed, the newest first. */
export const earlierOf = (room: Room, appId: string): readonly Earlier[] =>
  memories.get(room)?.get(appId)?.slice(-kept).reverse() ?? [];

/** A signature that comes again over another text is explained by the text it was made for. */
export function remember(room: Room, appId: string, request: Earlier): void {
  if (request.text.length > longest) return;
  const memory = memories.get(room) ?? new Map<string, Earlier[]>();
  if (memory.size === 0) memories.set(room, memory);
  const earlier = memory.get(appId) ?? [];
  if (earlier.length === 0) memory.set(appId, earlier);
  earlier.push(request);
  if (earlier.length >= 2 * kept) earlier.splice(0, earlier.length - kept);
}
