/** alipay simulator · reply: a node becomes a sealed body, or on purpose a wrongly sealed one. */
import type { Exchange, SimulatedReply } from '@polyrail/simulator';
import { encodeText } from '@polyrail/simulator';
import { encryptText } from './cipher.ts';
import { type NodeMembers, writeNode } from './json.ts';
import type { Identity, Platform } from './merchants.ts';
import type { Room } from './room.ts';
import { type ReplySeal, seal, sealNow } from './seal.ts';

/** The same length and alphabet, another signature. */
export function corrupted(signature: string): string {
  // Inside a number also where two of them stand in DER, not in what tells their lengths.
  const place = Math.floor((signature.length * 3) / 4);
  const other = signature[place] === 'A' ? 'B' : 'A';
  return signature.slice(0, place) + other + signature.slice(place + 1);
}

/** `alipay.trade.query` answers in `alipay_trade_query_response`. */
export const nodeName = (method: string): string => `${method.replaceAll('.', '_')}_response`;

export const traceId = ({ world }: Room): string =>
  Buffer.from(world.random.fork('trace').bytes(16)).toString('hex');

/** `text/html` although it is JSON: so the gateway says. */
function bodyReply(room: Room, charset: ReplySeal['charset'], text: string): SimulatedReply {
  const headers = {
    'content-type': `text/html;charset=${charset}`,
    'cache-control': 'no-store',
    trace_id: traceId(room),
  };
  return { status: 200, headers, body: encodeText(text, charset) };
}

/** An error from before the app was known: nobody to sign for. */
export const unsignedReply = (room: Room, name: string, node: NodeMembers): SimulatedReply =>
  bodyReply(room, 'utf-8', `{"${name}":${writeNode(node)}}`);

/**
 * Who signs. In certificate mode a `key-rotation` is lasting and announced by the new SN; in key
 * mode nothing could announce it, so it only spoils what it strikes.
 */
export async function signerOf(
  platform: Platform,
  { certificates }: { readonly certificates: boolean },
  rotated: boolean,
): Promise<Identity> {
  if (!rotated) return certificates ? platform.current() : platform.identity;
  return certificates ? platform.rotate() : platform.successor();
}

export interface Sealing {
  readonly room: Room;
  readonly seal: ReplySeal;
  readonly exchange: Exchange;
}

/** A signature over `data` as the faults of the exchange want it, and whose it is. */
export async function signedBy({ room, seal: how, exchange }: Sealing, data: Uint8Array) {
  const { platform } = room;
  const rotated = exchange.fault('key-rotation') !== undefined;
  const foreign = exchange.fault('foreign-signature') !== undefined;
  const { privateKey, sn } = await signerOf(platform, how, rotated);
  const key = foreign ? platform.foreignKey : privateKey;
  // No thread decides which of two answers leaves first, where nobody lives by the wall clock.
  const { alone } = room.world.clock;
  const made = alone ? sealNow(how.signType, key, data) : await seal(how.signType, key, data);
  return { sn, signature: exchange.fault('bad-signature') ? corrupted(made) : made };
}

/** The node first, the certificate's SN next in certificate mode, the signature last. */
export async function sealedReply(
  sealing: Sealing,
  name: string,
  node: NodeMembers,
): Promise<SimulatedReply> {
  const { room, seal: how, exchange } = sealing;
  const plain = writeNode(node);
  const { encryptKey, charset } = how;
  // Quirk: of an encrypted node the quotes around it are signed as well.
  const text = encryptKey === undefined ? plain : `"${encryptText(encryptKey, plain, charset)}"`;
  const { sn, signature } = await signedBy(sealing, encodeText(text, charset));
  const named = how.certificates ? `,"alipay_cert_sn":"${sn}"` : '';
  const sign = exchange.fault('unsigned-reply') ? '' : `,"sign":"${signature}"`;
  // The forgery stands before the signed node: a parser that keeps the first one is fooled.
  const forged = exchange.fault('duplicate-node')
    ? `"${name}":${writeNode({ ...node, code: '10000', msg: 'Success', total_amount: '0.01' })},`
    : '';
  return bodyReply(room, charset, `{${forged}"${name}":${text}${named}${sign}}`);
}
