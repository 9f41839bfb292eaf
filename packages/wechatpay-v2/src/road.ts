/**
 * wechatpay-v2 · road: one request and its reply to the last byte, with the client certificate or
 * without.
 */
import {
  isPolyrailError,
  PolyrailError,
  secret,
  type Transport,
  type TransportRequest,
} from '@polyrail/core';
import { badConfig } from '@polyrail/kit/config';
import { collect, createTransport, exchange, sharedTransport } from '@polyrail/kit/transport';
import type { Settings } from './config.ts';

/** A reply with its whole body. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface RoadOptions {
  readonly signal: AbortSignal;
  readonly maxBodyBytes: number;
  readonly onFirstByte: () => void;
}

export interface Request {
  readonly path: string;
  readonly body: string;
  /** Goes by the road that shows the client certificate. */
  readonly certificate: boolean;
}

export interface Road {
  send(request: Request, options: RoadOptions): Promise<Reply>;
  dispose(): Promise<void>;
}

/**
 * The pool of one merchant, which shows its certificate; the passphrase of an issued file is the
 * number.
 */
function ownTransport({ clientCertificate, ca, mchId }: Settings) {
  const identity =
    clientCertificate !== undefined && 'pfx' in clientCertificate
      ? { pfx: clientCertificate.pfx, passphrase: clientCertificate.passphrase ?? secret(mchId) }
      : (clientCertificate ?? {});
  try {
    return createTransport({ tls: { ...identity, ...(ca === undefined ? {} : { ca }) } });
  } catch (error) {
    if (!isPolyrailError(error)) throw error;
    throw badConfig(
      clientCertificate === undefined ? 'ca' : 'clientCertificate',
      `cannot be used: ${error.message}`,
    );
  }
}

const requestTo = (origin: string, { path, body }: Request): TransportRequest => ({
  method: 'POST',
  url: `${origin}${path}`,
  headers: {
    'content-type': 'text/xml; charset=utf-8',
    accept: '*/*',
    'user-agent': 'polyrail-wechatpay-v2',
  },
  body,
});

/**
 * Signs cover no host: the same request may go to the backup host, when surely nothing was sent to
 * the main one. A transport that was given carries every call, and shows what it was made to show.
 */
export function createRoad(settings: Settings, given: Transport | undefined): Road {
  const { baseUrl, backupUrl, clientCertificate, ca } = settings;
  let own: ReturnType<typeof createTransport> | undefined;
  const transportFor = ({ certificate }: Request): Transport => {
    if (given !== undefined) return given;
    const identified = certificate && clientCertificate !== undefined;
    if (!identified && ca === undefined) return sharedTransport();
    own ??= ownTransport(settings);
    return own;
  };
  const attempt = async (origin: string, request: Request, options: RoadOptions) => {
    const reply = await exchange(transportFor(request), requestTo(origin, request), options);
    const { status, headers, body } = reply;
    return { status, headers, body: await collect(body, options.maxBodyBytes) };
  };
  return {
    async send(request, options) {
      try {
        return await attempt(baseUrl, request, options);
      } catch (error) {
        const unsent = isPolyrailError(error) && error.code === 'NOT_SENT';
        if (!unsent || backupUrl === undefined || options.signal.aborted) throw error;
        return attempt(backupUrl, request, options);
      }
    },
    async dispose() {
      await own?.close?.();
    },
  };
}

/**
 * Tries what the first call with the certificate would trip over.
 *
 * @throws PolyrailError `CONFIG_INVALID`
 */
export async function proveCertificate(settings: Settings): Promise<void> {
  if (settings.clientCertificate === undefined && settings.ca === undefined) return;
  await ownTransport(settings).close?.();
}

export const serverError = (status: number, channelCode?: string): PolyrailError =>
  new PolyrailError('UNAVAILABLE', `The channel answered with HTTP status ${status}`, {
    doubt: 'server-error',
    ...(channelCode === undefined ? {} : { channelCode }),
  });
