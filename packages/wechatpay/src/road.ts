/** wechatpay · road: one request and its reply to the last byte, over the main or the backup host. */
import {
  isPolyrailError,
  PolyrailError,
  type Transport,
  type TransportRequest,
} from '@polyrail/core';
import { collect, exchange } from '@polyrail/kit/transport';
import type { Settings } from './config.ts';

/** A request without the host: path and query exactly as they are signed. */
export interface Target {
  readonly method: 'GET' | 'POST';
  readonly target: string;
  /** Empty without one. */
  readonly body: string;
}

export interface Sealed extends Target {
  readonly headers: Readonly<Record<string, string>>;
}

/** A reply with its whole body. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface RoadOptions {
  readonly signal: AbortSignal;
  readonly maxBodyBytes: number;
  readonly onFirstByte?: () => void;
}

export type Road = (request: Sealed, options: RoadOptions) => Promise<Reply>;

const requestTo = (
  origin: string,
  { method, target, body, headers }: Sealed,
): TransportRequest => ({
  method,
  url: `${origin}${target}`,
  headers,
  ...(body === '' ? {} : { body }),
});

/**
 * Signatures do not cover the host: the same request may go to the backup host. It does so only when
 * surely nothing was sent to the main one.
 */
export function createRoad(
  transport: () => Transport,
  { baseUrl, backupUrl }: Pick<Settings, 'baseUrl' | 'backupUrl'>,
): Road {
  const send = async (origin: string, request: Sealed, options: RoadOptions): Promise<Reply> => {
    const reply = await exchange(transport(), requestTo(origin, request), options);
    const { status, headers, body } = reply;
    return { status, headers, body: await collect(body, options.maxBodyBytes) };
  };
  return async (request, options) => {
    try {
      return await send(baseUrl, request, options);
    } catch (error) {
      const unsent = isPolyrailError(error) && error.code === 'NOT_SENT';
      if (!unsent || backupUrl === undefined || options.signal.aborted) throw error;
      return send(backupUrl, request, options);
    }
  };
}

export const serverError = (status: number, channelCode?: string): PolyrailError =>
  new PolyrailError('UNAVAILABLE', `The channel answered with HTTP status ${status}`, {
    doubt: 'server-error',
    ...(channelCode === undefined ? {} : { channelCode }),
  });
