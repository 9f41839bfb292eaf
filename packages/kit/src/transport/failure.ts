/** kit · transport: turns what went wrong on the wire into the contract's errors, secrets left out. */
import { PolyrailError } from '@polyrail/core';

/** What a message may say about an exchange: method, origin and path, never the query. */
export type Label = string;

/** Words for the causes people meet; every other code speaks for itself. */
const words: { readonly [code: string]: string } = {
  CERT_HAS_EXPIRED: 'the certificate of the host has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate of the host is self-signed and not trusted',
  EAI_AGAIN: 'the name of the host could not be looked up',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'the name of the host does not exist',
  EPIPE: 'the connection was closed while writing',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate of the host is for another name',
  ETIMEDOUT: 'the connection timed out',
  HPE_INVALID_EOF_STATE: 'the reply was cut short',
  HPE_UNKNOWN: 'the reply is no HTTP',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate chain of the host is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the issuer of the certificate of the host is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate of the host could not be verified',
  UND_ERR_BODY_TIMEOUT: 'the reply body stalled',
  UND_ERR_CLOSED: 'the transport is closed',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_DESTROYED: 'the transport is closed',
  UND_ERR_HEADERS_OVERFLOW: 'the reply headers pass the limit',
  UND_ERR_HEADERS_TIMEOUT: 'no reply in time',
  UND_ERR_INVALID_ARG: 'the request cannot be written as HTTP',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the reply was cut short',
  UND_ERR_SOCKET: 'the connection was closed',
};

/** The reply is no HTTP at all. */
const unparsable = 'HPE_UNKNOWN';

const isCode = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Z0-9_]{2,64}$/.test(value);

/** The code of an error of the runtime or of undici: the only part of it that is passed on. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'UNKNOWN';
  const own: unknown = Reflect.get(error, 'code');
  if (isCode(own)) return own;
  // Quirk: undici's parser leaves the code out where it gives up before the first line.
  if (Reflect.get(error, 'name') === 'HTTPParserError') return unparsable;
  const cause: unknown = Reflect.get(error, 'cause');
  if (typeof cause === 'object' && cause !== null) {
    const inner: unknown = Reflect.get(cause, 'code');
    if (isCode(inner)) return inner;
  }
  return 'UNKNOWN';
}

function because(error: unknown): { readonly why: string; readonly cause: object } {
  const code = codeOf(error);
  const known = words[code];
  return { why: known === undefined ? code : `${known} (${code})`, cause: { code } };
}

/** Surely no byte left the machine. */
export function notSent(label: Label, error: unknown): PolyrailError {
  const { why, cause } = because(error);
  return new PolyrailError('NOT_SENT', `${label} was not sent: ${why}`, { cause });
}

/** The caller gave up before a byte left the machine. */
export const aborted = (label: Label): PolyrailError =>
  new PolyrailError('ABORTED', `${label} was aborted before anything was sent`);

/** The caller gave up after the request may have been received. */
export const abandoned = (label: Label): PolyrailError =>
  new PolyrailError('UNAVAILABLE', `${label} was aborted after it may have been received`, {
    doubt: 'no-reply',
  });

/** The reply cannot be read; `why` must not quote it. */
export const unreadable = (label: Label, why: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', `${label}: ${why}`, { doubt: 'unreadable-reply' });

export const bodyTooLong = (label: Label, maxBytes: number): PolyrailError =>
  unreadable(label, `the reply body passes the limit of ${maxBytes} bytes`);

/** A connection that ends too soon is no reply; other breaches of HTTP are an unreadable one. */
function isUnreadable(code: string): boolean {
  if (code === 'HPE_INVALID_EOF_STATE') return false;
  return code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW';
}

/** The request may have been received, and no reply that can be read came back. */
export function noReply(label: Label, error: unknown): PolyrailError {
  const { why, cause } = because(error);
  if (isUnreadable(codeOf(error))) {
    const fields = { doubt: 'unreadable-reply', cause } as const;
    return new PolyrailError('REPLY_UNREADABLE', `${label}: ${why}`, fields);
  }
  const message = `${label} may have been received, but there is no reply: ${why}`;
  return new PolyrailError('UNAVAILABLE', message, { doubt: 'no-reply', cause });
}
