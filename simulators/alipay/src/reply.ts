/** alipay simulator · reply: a node becomes a sealed body, or on purpose a wrongly sealed one. */
import type { Exchange, SimulatedReply } from '@polyrail/simulator';
import { encodeText } from './charset.ts';
import type { ReplySeal } from './gateway.ts';
import { type NodeMembers, writeNode } from './json.ts';
import type { Room } from './room.ts';
import { seal } from './seal.ts';

/** The same length and alphabet, another signature. */
export function corrupted(signature: string): string {
  const middle = Math.floor(signature.length / 2);
  const other = signature[middle] === 'A' ? 'B' : 'A';
  return signature.slice(0, middle) + other + signature.slice(middle + 1);
}

/** `alipay.trade.query` answers in `alipay_trade_query_response`. */
export const nodeName = (method: string): string => `${method.replaceAll('.', '_')}_response`;

const traceId = ({ world }: Room): string =>
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

interface Sealing {
  readonly room: Room;
  readonly seal: ReplySeal;
  readonly exchange: Exchange;
}

/** The node first, the certificate's SN next in certificate mode, the signature last. */
export async function sealedReply(
  { room, seal: how, exchange }: Sealing,
  name: string,
  node: NodeMembers,
): Promise<SimulatedReply> {
  const text = writeNode(node);
  const rotated = exchange.fault('key-rotation') !== undefined;
  const foreign = exchange.fault('foreign-signature') !== undefined;
  const { platform } = room;
  const identity = rotated ? await platform.successor() : platform.identity;
  const key = foreign ? platform.foreignKey : identity.privateKey;
  const signed = await seal(how.signType, key, encodeText(text, how.charset));
  const signature = exchange.fault('bad-signature') ? corrupted(signed) : signed;
  const sn = how.certificates ? `,"alipay_cert_sn":"${identity.sn}"` : '';
  const sign = exchange.fault('unsigned-reply') ? '' : `,"sign":"${signature}"`;
  // The forgery stands before the signed node: a parser that keeps the first one is fooled.
  const forged = exchange.fault('duplicate-node')
    ? `"${name}":${writeNode({ ...node, code: '10000', msg: 'Success', total_amount: '0.01' })},`
    : '';
  return bodyReply(room, how.charset, `{${forged}"${name}":${text}${sn}${sign}}`);
}
