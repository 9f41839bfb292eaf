/** kit · transport: the one road to a channel - pooled HTTP that repeats and follows nothing. */
import {
  type ExchangeOptions,
  isSecret,
  PolyrailError,
  revealText,
  type Secret,
  type Transport,
  type TransportReply,
  type TransportRequest,
} from '@polyrail/core';
import type { Dispatcher } from 'undici';
import { aborted } from './transport/failure.ts';
import { ownTransports } from './transport/foreign.ts';
import { type TlsOptions, tlsSettings } from './transport/tls.ts';
import { createHandler, type TripLimits } from './transport/trip.ts';
import { Agent, loadProxyAgent, Pool } from './transport/undici.ts';

export { collect, gather } from './transport/collect.ts';
export { exchange } from './transport/foreign.ts';
export type { TlsOptions } from './transport/tls.ts';

export interface TransportOptions {
  /** For one attempt to connect, TLS included. Default 5 000. */
  readonly connectTimeoutMs?: number;
  /** From the call to the first byte: waiting for a free connection and connecting. Default 15 000. */
  readonly startTimeoutMs?: number;
  /** From the first byte to the whole head of the reply. Default 30 000. */
  readonly headersTimeoutMs?: number;
  /** Between two pieces of the reply body. Default 30 000. */
  readonly bodyTimeoutMs?: number;
  /** Cap of the reply's head. Default 16 KiB. */
  readonly maxHeaderBytes?: number;
  /** Cap of the reply's body where the exchange names none. Default 4 MiB. */
  readonly maxBodyBytes?: number;
  /** Connections to one origin; further exchanges wait. Default 64. */
  readonly connections?: number;
  /** How long an idle connection is kept where the host does not say. Default 4 000. */
  readonly keepAliveMs?: number;
  readonly tls?: TlsOptions;
  /** `http://host:port` or `https://…`; a `Secret` when it carries a password. */
  readonly proxy?: string | Secret;
}

const defaults = {
  connectTimeoutMs: 5_000,
  startTimeoutMs: 15_000,
  headersTimeoutMs: 30_000,
  bodyTimeoutMs: 30_000,
  maxHeaderBytes: 16 * 1024,
  maxBodyBytes: 4 * 1024 * 1024,
  connections: 64,
  keepAliveMs: 4_000,
} as const;

type Numbers = { readonly [K in keyof typeof defaults]: number };

const invalid = (field: string, message: string): PolyrailError =>
  new PolyrailError('CONFIG_INVALID', `${field} ${message}`, { field });

function numbersOf(options: TransportOptions): Numbers {
  const numbers: Record<keyof Numbers, number> = { ...defaults };
  for (const name of Object.keys(defaults) as (keyof Numbers)[]) {
    const value = options[name] ?? defaults[name];
    if (!Number.isSafeInteger(value) || value < 1) {
      throw invalid(name, 'must be a whole number above zero');
    }
    numbers[name] = value;
  }
  return numbers;
}

function proxyAddress(proxy: string | Secret): string {
  const text = isSecret(proxy) ? revealText(proxy) : proxy;
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw invalid('proxy', 'must be an http or https URL');
}

function createDispatcher(options: TransportOptions, numbers: Numbers): Dispatcher {
  const tls = options.tls === undefined ? {} : tlsSettings(options.tls);
  const timeout = numbers.connectTimeoutMs;
  // HTTP/2 stays off: after a GOAWAY undici sends requests again by itself, and it has no socket
  // of its own whose first byte could be told.
  const common = {
    allowH2: false,
    pipelining: 1,
    connections: numbers.connections,
    connectTimeout: timeout,
    headersTimeout: numbers.headersTimeoutMs,
    bodyTimeout: numbers.bodyTimeoutMs,
    maxHeaderSize: numbers.maxHeaderBytes,
    keepAliveTimeout: numbers.keepAliveMs,
  };
  if (options.proxy === undefined) {
    return new Agent({ ...common, connect: { ...tls, timeout, allowH2: false } });
  }
  const ProxyAgent = loadProxyAgent();
  return new ProxyAgent({
    ...common,
    uri: proxyAddress(options.proxy),
    requestTls: { ...tls, timeout, allowH2: false },
    proxyTls: { timeout, allowH2: false },
    // A proxy that takes the CONNECT and stays silent must not hold a connection for minutes.
    clientFactory: (origin, given) => new Pool(origin, { ...given, headersTimeout: timeout }),
  });
}

/** Method, origin and path: what messages may say. The query often carries the whole order. */
interface Address {
  readonly label: string;
  readonly origin: string;
  readonly path: string;
}

function addressOf(request: TransportRequest): Address {
  const refuse = (why: string) =>
    new PolyrailError('NOT_SENT', `${request.method} was not sent: the address ${why}`);
  if (!URL.canParse(request.url)) throw refuse('is no absolute URL');
  const url = new URL(request.url);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse('is not http or https');
  if (url.username !== '' || url.password !== '') throw refuse('carries credentials');
  return {
    label: `${request.method} ${url.origin}${url.pathname}`,
    origin: url.origin,
    path: url.pathname + url.search,
  };
}

function send(
  dispatcher: Dispatcher,
  limits: TripLimits,
  { request, options }: { readonly request: TransportRequest; readonly options: ExchangeOptions },
): Promise<TransportReply> {
  return new Promise((resolve, reject) => {
    const { label, origin, path } = addressOf(request);
    if (options.signal?.aborted) throw aborted(label);
    const handler = createHandler({ label, limits, options, settle: resolve, refuse: reject });
    const { method, headers, body = null } = request;
    try {
      dispatcher.dispatch({ origin, path, method, headers, body }, handler);
    } catch (error) {
      handler.stop(error);
    }
    handler.begin();
  });
}

/**
 * A pool of HTTP/1.1 connections. Follows no redirect, repeats nothing, asks for no compression and
 * hands a compressed body on as it came. Every error is a `PolyrailError` of the contract of
 * `Transport`; total deadlines are the caller's `signal`.
 *
 * Quirk: under TLS 1.3 a host refuses our certificate only after the request was written, so a
 * missing client identity may come back as `UNAVAILABLE`, not as `NOT_SENT`.
 *
 * @throws PolyrailError `CONFIG_INVALID` for options that cannot work
 */
export function createTransport(options: TransportOptions = {}): Transport & AsyncDisposable {
  const numbers = numbersOf(options);
  const dispatcher = createDispatcher(options, numbers);
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= dispatcher.close();
    return closing;
  };
  const transport = Object.freeze({
    exchange(request: TransportRequest, given: ExchangeOptions = {}): Promise<TransportReply> {
      const maxBodyBytes = given.maxBodyBytes ?? numbers.maxBodyBytes;
      return send(dispatcher, { ...numbers, maxBodyBytes }, { request, options: given });
    },
    close,
    [Symbol.asyncDispose]: close,
  });
  ownTransports.add(transport);
  return transport;
}

let shared: Transport | undefined;

/** The default pool of this process, made at the first call. It cannot be closed: others use it. */
export function sharedTransport(): Transport {
  if (shared === undefined) {
    const { exchange } = createTransport();
    shared = Object.freeze({ exchange });
    ownTransports.add(shared);
  }
  return shared;
}
