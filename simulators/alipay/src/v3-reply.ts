/** alipay simulator · v3 reply: a node becomes a REST answer, sealed by its headers. */
import type { SimulatedReply } from '@polyrail/simulator';
import { encryptText } from './cipher.ts';
import type { Refusal } from './codes.ts';
import { type NodeMembers, writeNode } from './json.ts';
import { type Sealing, signedBy, traceId } from './reply.ts';
import type { Room } from './room.ts';
import { dayMs } from './time.ts';

/** What is answered, before it is sealed. */
export interface V3Answer {
  readonly status: number;
  readonly body: string;
}

/** V3 names the same errors without the prefix that tells whose fault they are. */
const codeOf = (subCode: string): string => subCode.replace(/^(?:isv|isp|aop)\./, '');

const byCode: Readonly<Record<string, number>> = {
  'missing-signature': 401,
  'invalid-signature': 401,
  'invalid-signature-type': 401,
};

/** By the code the other protocol gives: unsourced but for its families. */
const byFamily: Readonly<Record<string, number>> = {
  20000: 500,
  20001: 401,
  40005: 429,
  40006: 403,
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function statusOf(node: NodeMembers, room: Room): number {
  const code = codeOf(textOf(node['sub_code']));
  const { statuses = {} } = room.options.v3 ?? {};
  if (Object.hasOwn(statuses, code)) return statuses[code] as number;
  if (Object.hasOwn(byCode, code)) return byCode[code] as number;
  if (/(?:SYSTEM|UNKNOWN)_ERROR$/.test(code)) return 500;
  return byFamily[textOf(node['code'])] ?? 400;
}

interface Complaint {
  readonly refusal: Refusal;
  readonly room: Room;
  /** Where its members stood. */
  readonly location: 'query' | 'body';
  /** In place of the usual one. */
  readonly status?: number;
}

/** `details` only where a member of the request is to blame. */
export function errorAnswer({ refusal, room, location, status }: Complaint): V3Answer {
  const { node, field, note = '' } = refusal;
  const code = codeOf(textOf(node['sub_code']));
  const message = textOf(node['sub_msg']);
  // The real one leads to a page of its documentation; this one to where the exchange is shown.
  const links = [{ link: `${room.world.baseUrl()}/_sim/journal`, desc: '解决方案' }];
  const issue = { field, value: '', location, issue: 'INVALID_PARAMETER', description: note };
  const details = field === undefined ? {} : { details: [issue] };
  return {
    status: status ?? statusOf(node, room),
    body: JSON.stringify({ code, message, links, ...details }),
  };
}

/** The business object alone, without `code` and `msg`. */
export function successAnswer(node: NodeMembers, room: Room): V3Answer {
  const { code, msg: _, ...business } = node;
  const pending = code === '10003';
  return {
    status: pending ? (room.options.v3?.pendingStatus ?? 200) : 200,
    body: writeNode(business),
  };
}

interface V3Sealed {
  readonly timestamp: string;
  readonly nonce: string;
  readonly body: string;
}

/** What the signature of an answer is about: three lines, each with its line end. */
export const v3ReplyText = ({ timestamp, nonce, body }: V3Sealed): string =>
  `${timestamp}\n${nonce}\n${body}\n`;

/** Seals an answer; `at` is now by the clock its client lives by. */
export async function sealedV3(
  sealing: Sealing,
  { status, body: plain }: V3Answer,
  at: number,
): Promise<SimulatedReply> {
  const { room, seal: how, exchange } = sealing;
  const { encryptKey } = how;
  // Quirk: an error is readable also where everything else is encrypted.
  const sealed = encryptKey !== undefined && status < 400;
  const body = sealed ? encryptText(encryptKey, plain, 'utf-8') : plain;
  const stale = exchange.fault('stale-timestamp');
  const age = stale === undefined ? 0 : Number(stale['ageMs'] ?? 2 * dayMs);
  const nonce = Buffer.from(room.world.random.fork('nonce').bytes(16)).toString('hex');
  const timestamp = String(at - age);
  const text = v3ReplyText({ timestamp, nonce, body });
  const { sn, signature } = await signedBy(sealing, Buffer.from(text));
  const unsigned = exchange.fault('unsigned-reply') !== undefined;
  return {
    status,
    headers: {
      'content-type': `${sealed ? 'text/plain' : 'application/json'};charset=utf-8`,
      'cache-control': 'no-store',
      'alipay-trace-id': traceId(room),
      'alipay-timestamp': timestamp,
      'alipay-nonce': nonce,
      ...(how.certificates ? { 'alipay-sn': sn } : {}),
      ...(unsigned ? {} : { 'alipay-signature': signature }),
    },
    body,
  };
}
