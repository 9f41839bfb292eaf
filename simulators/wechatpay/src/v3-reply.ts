/** wechatpay simulator · v3 reply: an answer becomes bytes once, signed, or on purpose wrongly so. */
import type { FaultRule, SimulatedReply } from '@polyrail/simulator';
import { platformMemory, remember } from './doctor-witness.ts';
import type { PlatformKey, Signer } from './merchants.ts';
import { hex, letters } from './numbers.ts';
import type { Refusal } from './refusals.ts';
import type { Room } from './room.ts';
import { minuteMs } from './time.ts';
import { v3ReplyText } from './v3-request.ts';

/** Keys of the platform that this merchant may know. */
export function keysFor({ mode, platformKey }: Signer, { platform }: Room): readonly PlatformKey[] {
  if (mode === 'public-key') return [platformKey];
  const certificates = platform.certificates();
  return mode === 'certificate' ? certificates : [...certificates, platformKey];
}

/** Who signs for a merchant that named `serial`, or nothing it may know. */
export function keyNamed(serial: string | undefined, signer: Signer, room: Room): PlatformKey {
  const named = keysFor(signer, room).find(({ id }) => id === serial);
  // Quirk: a certificate that was followed by another one signs no more.
  if (named !== undefined && named.certificatePem === undefined) return named;
  return signer.mode === 'public-key' ? signer.platformKey : room.platform.current();
}

/** Now, by the clock the merchant lives by. */
export const nowFor = ({ lives }: Signer, { world }: Room): number =>
  lives === 'wall' ? world.wallNow() : world.clock.now();

/** The same length and alphabet, another signature. */
export function corrupted(signature: string): string {
  const place = Math.floor((signature.length * 3) / 4);
  const other = signature[place] === 'A' ? 'B' : 'A';
  return signature.slice(0, place) + other + signature.slice(place + 1);
}

export interface Sealing {
  readonly room: Room;
  readonly signer: Signer;
  /** What the request named in `Wechatpay-Serial`. */
  readonly serial: string | undefined;
  readonly take: (fault: string) => FaultRule | undefined;
  /** Whether its signature is one that cannot verify, to see what the merchant does. */
  readonly probed: boolean;
  readonly nonce: string;
}

/** The platform key an answer or a callback is signed with, as faults want it. */
async function signingKey({ room, signer, serial, take }: Sealing): Promise<PlatformKey> {
  const usual = keyNamed(serial, signer, room);
  if (take('key-rotation')) await room.platform.rotate();
  if (take('other-signer')) {
    return usual.certificatePem === undefined ? room.platform.current() : signer.platformKey;
  }
  return keyNamed(serial, signer, room);
}

const strangeSerial = 'PUB_KEY_ID_0199999999992099010100000000';

/** The five headers that seal `body`. */
export async function signatureHeaders(sealing: Sealing, body: string) {
  const { room, signer, take, nonce } = sealing;
  const key = await signingKey(sealing);
  const stale = take('stale-timestamp');
  const age = stale === undefined ? 0 : Number(stale['ageMs'] ?? 5 * minuteMs + 1_000);
  const timestamp = String(Math.floor((nowFor(signer, room) - age) / 1_000));
  const signingWith = take('foreign-signature') ? room.platform.foreign : key;
  const text = v3ReplyText(timestamp, nonce, body);
  const made = await signingWith.privateHalf.sign(text);
  remember(room, platformMemory, { timestamp, nonce, body });
  const signature = take('bad-signature') ? corrupted(made) : made;
  const probed = sealing.probed || take('sign-probe') !== undefined;
  const probe = `WECHATPAY/SIGNTEST/${letters(room.world.random.fork('probes'), 325)}`;
  return {
    'wechatpay-nonce': nonce,
    'wechatpay-timestamp': timestamp,
    'wechatpay-serial': take('unknown-serial') ? strangeSerial : key.id,
    'wechatpay-signature': probed ? probe : signature,
    'wechatpay-signature-type': room.platform.suite.scheme,
  };
}

/** `08…-0`: the integer behind the line is the internal code. */
export const requestId = ({ world }: Room, internal = 0): string =>
  `08${hex(world.random.fork('requests'), 18).toUpperCase()}-${internal}`;

const usualHeaders = {
  server: 'nginx',
  'cache-control': 'no-cache, must-revalidate',
  'x-content-type-options': 'nosniff',
};
const jsonHeaders = {
  'content-type': 'application/json; charset=utf-8',
  'content-language': 'zh-CN',
};

/** A success: 200 with JSON, or 204 with nothing, always signed. */
export async function sealedReply(
  sealing: Sealing,
  status: number,
  value: object | undefined,
): Promise<SimulatedReply> {
  const { room, take } = sealing;
  const body = value === undefined ? '' : JSON.stringify(value);
  const sealed = take('unsigned-reply') ? {} : await signatureHeaders(sealing, body);
  return {
    status,
    headers: {
      ...usualHeaders,
      ...(value === undefined ? {} : jsonHeaders),
      'request-id': requestId(room),
      ...sealed,
    },
    body,
  };
}

const errorText = ({ code, message, detail }: Refusal): string =>
  JSON.stringify({ code, ...(detail === undefined ? {} : { detail }), message });

/** A refusal: not signed, unless it is a 2xx or the option says so. */
export async function refusedReply(
  refusal: Refusal,
  room: Room,
  sealing: Sealing | undefined,
): Promise<SimulatedReply> {
  const { status, internal = 0, anonymous = false } = refusal;
  const body = errorText(refusal);
  const signed = sealing !== undefined && (status < 300 || room.options.signErrors === true);
  const sealed = signed ? await signatureHeaders(sealing, body) : {};
  const id = anonymous ? {} : { 'request-id': requestId(room, internal) };
  return { status, headers: { ...usualHeaders, ...jsonHeaders, ...id, ...sealed }, body };
}

/** Unknown paths and wrong methods: nothing but a status. */
export const emptyReply = (status: number): SimulatedReply => ({ status, headers: usualHeaders });

export const newNonce = ({ world }: Room): string => hex(world.random.fork('nonces'), 16);
