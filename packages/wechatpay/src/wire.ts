/** wechatpay · wire: the one road to WeChat Pay - sealed requests, opened replies, and bills. */
import { type Call, type Clock, type Evidence, PolyrailError, type Random } from '@polyrail/core';
import { decodeText } from '@polyrail/kit/charset';
import type { Operation } from './codes.ts';
import type { Settings } from './config.ts';
import { type Message, readObject } from './messages.ts';
import { type Reply, type Road, serverError, type Target } from './road.ts';
import type { Seal } from './seal.ts';
import { claimsSignature, isProbe, unverified } from './signature.ts';

export interface Exchange {
  readonly operation: Operation;
  readonly method: 'GET' | 'POST';
  /** Path and query exactly as on the wire. */
  readonly target: string;
  readonly fields?: object;
  /** The key that fields were encrypted with. */
  readonly serial?: string | undefined;
  /** Becomes part of the reference before the first byte. */
  readonly handle?: string;
}

/** A reply that may be read: verified, or an error that WeChat Pay leaves unsigned. */
export interface Answer {
  readonly status: number;
  /** Empty for an answer without a body. */
  readonly body: Message;
  /** `signed`, or of an error without signature `transport`. */
  readonly evidence: Evidence;
  /** The number behind the request's id, which tells errors apart that share a code (A8.4). */
  readonly internalCode: string | undefined;
}

/** Hides fields with a key of the platform. */
export interface Veil {
  /** Which key: requests name it. */
  readonly serial: string;
  /** Base64. */
  hide(plain: string): string;
}

export interface Wire {
  /** Sends one request. Other answers than 2xx and 4xx throw. */
  call(order: Exchange, call: Call): Promise<Answer>;
  /** Fetches a file from an address that a verified reply named. */
  download(url: string, call: Call): Promise<Uint8Array>;
  /** What hides sensitive fields. */
  veil(call: Call): Promise<Veil>;
  signLines: Seal['signLines'];
}

/** A reply is some hundred bytes; a bill's is its address. */
const maxReplyBytes = 1024 * 1024;

const isOk = (status: number): boolean => status >= 200 && status < 300;

/** A code to show on what is not believed: nothing is decided by it. */
function hintOf(body: Uint8Array): string | undefined {
  const [, code] = /"code"\s*:\s*"([A-Z_]{1,64})"/.exec(Buffer.from(body).toString('latin1')) ?? [];
  return code;
}

const internalCodeOf = ({ headers }: Reply): string | undefined =>
  /-(\d{6,12})$/.exec(headers['request-id'] ?? '')?.[1];

const fatal = { fatal: true } as const;

/** Quirk: an answer without content is signed over nothing; one with content is another answer. */
function requireEmpty(body: Uint8Array): Message {
  if (body.byteLength === 0) return {};
  throw unverified('The reply has content and says that it has none');
}

async function open(
  reply: Reply,
  { seal, clock, signal }: WireParts & { readonly signal: AbortSignal },
): Promise<Answer> {
  const { status, body } = reply;
  // Whoever stands in front of WeChat Pay signs nothing: the status says more than a missing seal.
  if (!isOk(status) && (status < 400 || status >= 500)) throw serverError(status, hintOf(body));
  // Quirk: errors are mostly not signed (A1). One that claims to be must be.
  const signed = isOk(status) || claimsSignature(reply);
  if (signed && !(await seal.verify(reply, { atMs: clock.now(), signal }))) {
    throw unverified('The reply is not of this time: it was kept, or the clocks differ');
  }
  return {
    status,
    body: status === 204 ? requireEmpty(body) : readObject(decodeText(body, 'utf-8', fatal)),
    evidence: signed ? 'signed' : 'transport',
    internalCode: internalCodeOf(reply),
  };
}

export interface WireParts {
  readonly road: Road;
  readonly seal: Seal;
  readonly clock: Clock;
  readonly random: Random;
}

/** Path and query of a bill's address, which must not lead to plain text or elsewhere than to HTTP. */
function targetOf(url: string, { baseUrl }: Settings): { origin: string; target: string } {
  const { origin, protocol, pathname, search } = URL.parse(url) ?? {};
  const known = origin !== undefined && (origin === baseUrl || protocol === 'https:');
  if (!known || !url.startsWith(origin)) {
    throw new PolyrailError('REPLY_UNREADABLE', 'The address of the bill is none of WeChat Pay', {
      doubt: 'unreadable-reply',
    });
  }
  return { origin, target: `${pathname}${search}` };
}

export function createWire(
  settings: Settings,
  parts: WireParts & { readonly roadTo: (origin: string) => Road },
): Wire {
  const { road, seal, random } = parts;
  const attempt = async (order: Exchange, target: Target, call: Call): Promise<Answer> => {
    const sealed = await seal.seal(target, order.serial);
    await call.prepared(order.handle);
    const onFirstByte = () => call.sent();
    const { signal } = call;
    const reply = await road(sealed, { signal, maxBodyBytes: maxReplyBytes, onFirstByte });
    return open(reply, { ...parts, signal });
  };
  return {
    signLines: seal.signLines,
    async veil({ signal }) {
      const { serial, key } = await seal.keys.forFields(signal);
      const hide = (plain: string) => Buffer.from(key.encrypt(plain, random)).toString('base64');
      return { serial, hide };
    },
    async call(order, call) {
      const { method, target, fields } = order;
      const sent = { method, target, body: fields === undefined ? '' : JSON.stringify(fields) };
      // Before anything moves: a reply that cannot be verified would leave us not knowing.
      await seal.keys.ready(call.signal);
      try {
        return await attempt(order, sent, call);
      } catch (error) {
        // Quirk: a probe is not repeated on the same request. Asking again changes nothing.
        if (method !== 'GET' || !isProbe(error)) throw error;
        return attempt(order, sent, call);
      }
    },
    async download(url, call) {
      const { origin, target } = targetOf(url, settings);
      const sealed = await seal.seal({ method: 'GET', target, body: '' });
      await call.prepared();
      const onFirstByte = () => call.sent();
      const options = {
        signal: call.signal,
        maxBodyBytes: settings.statementMaxBytes,
        onFirstByte,
      };
      const { status, body } = await parts.roadTo(origin)(sealed, options);
      // Quirk: the file carries no signature; its digest stands in the signed reply.
      if (status !== 200) throw serverError(status, hintOf(body));
      return body;
    },
  };
}
