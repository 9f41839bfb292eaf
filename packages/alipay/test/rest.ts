/** Test aid: Alipay's V3 side in a few lines - checks what comes in, signs what goes out. */
import { createVerify, type KeyObject } from 'node:crypto';
import type { Clock, Context, Transport, TransportRequest } from '@polyrail/core';
import { type AlipayConfig, createAlipay } from '../src/index.ts';
import { keyConfig, merchant, nowMs, platform, signText } from './gateway.ts';

export const v3Config: AlipayConfig = { ...keyConfig, protocol: 'v3' };

export interface RestAnswer {
  readonly status?: number;
  /** An object is written as JSON. */
  readonly body: object | string;
  readonly timestamp?: string;
  readonly key?: KeyObject;
  /** Headers over the signed ones; `undefined` leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Verifies a request from its raw parts, as the dossier puts the text together (§8.1). */
export function isSigned(request: TransportRequest): boolean {
  const { authorization = '' } = request.headers;
  const [, told = '', sign = ''] =
    /^ALIPAY-SHA256withRSA (.*?),sign=(.*)$/.exec(authorization) ?? [];
  const target = request.url.replace(/^https?:\/\/[^/]+/, '');
  const token = request.headers['alipay-app-auth-token'];
  const lines = [told, request.method, target, request.body ?? '', ...(token ? [token] : [])];
  const text = lines.map((line) => `${line}\n`).join('');
  return createVerify('sha256').update(text).verify(merchant.publicKey, sign, 'base64');
}

export function restSite(answer: (request: TransportRequest) => RestAnswer) {
  const heard: TransportRequest[] = [];
  const transport: Transport = {
    async exchange(request, options) {
      heard.push(request);
      options?.onFirstByte?.();
      const given = answer(request);
      const { status = 200, timestamp = String(nowMs), key = platform.privateKey } = given;
      const body = typeof given.body === 'string' ? given.body : JSON.stringify(given.body);
      const headers = {
        'alipay-timestamp': timestamp,
        'alipay-nonce': 'n0nce',
        'alipay-signature': signText(`${timestamp}\nn0nce\n${body}\n`, key),
        ...given.headers,
      };
      const present = Object.entries(headers).filter(([, value]) => value !== undefined);
      return {
        status,
        headers: Object.fromEntries(present) as Record<string, string>,
        body: (async function* () {
          yield Buffer.from(body);
        })(),
      };
    },
  };
  const clock: Clock = { now: () => nowMs, schedule: () => () => {} };
  const channel = (config: AlipayConfig = v3Config, context: Context = {}) =>
    createAlipay(config, { transport, clock, ...context });
  return { heard, transport, channel };
}
