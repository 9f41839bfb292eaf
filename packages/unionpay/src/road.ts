/** unionpay · road: one form and its reply to the last byte. */
import { PolyrailError, type Transport } from '@polyrail/core';
import { collect, exchange } from '@polyrail/kit/transport';

export interface Form {
  readonly url: string;
  readonly body: string;
  readonly charset: string;
}

export interface RoadOptions {
  readonly signal: AbortSignal;
  readonly maxBodyBytes: number;
  readonly onFirstByte: () => void;
}

/** Posts a form. @throws PolyrailError as of the transport; `UNAVAILABLE` for any status but 200 */
export type Road = (form: Form, options: RoadOptions) => Promise<Uint8Array>;

export function createRoad(transport: () => Transport): Road {
  return async ({ url, body, charset }, options) => {
    const request = {
      method: 'POST',
      url,
      headers: {
        'content-type': `application/x-www-form-urlencoded;charset=${charset}`,
        accept: '*/*',
        'user-agent': 'polyrail-unionpay',
      },
      body,
    } as const;
    const reply = await exchange(transport(), request, options);
    const bytes = await collect(reply.body, options.maxBodyBytes);
    if (reply.status === 200) return bytes;
    const message = `UnionPay answered with HTTP status ${reply.status}`;
    throw new PolyrailError('UNAVAILABLE', message, { doubt: 'server-error' });
  };
}
