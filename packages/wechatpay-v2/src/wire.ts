/** wechatpay-v2 · wire: the one road to WeChat Pay - sealed XML out, opened XML or a file back. */
import { type Call, type Evidence, PolyrailError, type Random } from '@polyrail/core';
import { contradicts, requiredText, textOf, unreadable } from '@polyrail/kit/fields';
import { nonce } from '@polyrail/kit/random';
import { readXml, writeXml } from '@polyrail/kit/xml';
import { calls, type Operation } from './calls.ts';
import type { Settings } from './config.ts';
import { type Message, requireEcho } from './messages.ts';
import { type Reply, type Road, serverError } from './road.ts';
import { type Fields, requireSigned, sealFields } from './seal.ts';

export interface Exchange {
  readonly operation: Operation;
  readonly fields: Fields;
  /** Becomes part of the reference before the first byte. */
  readonly handle?: string;
}

/** A reply that may be read: verified, or of the kinds that WeChat Pay leaves unsigned. */
export interface Answer {
  readonly fields: Message;
  /** Whether the call got through to its business; if not, `return_msg` says why. */
  readonly communicated: boolean;
  /** `signed`, or of what has no sign `transport`. */
  readonly evidence: Evidence;
}

/** What of a call the wire needs; also a notification has it. */
export type Crossing = Pick<Call, 'signal' | 'prepared' | 'sent'>;

export interface Wire {
  call(order: Exchange, call: Crossing): Promise<Answer>;
  /** Fetches a file; what comes instead of one is an answer. */
  download(order: Exchange, call: Crossing): Promise<Reply | Answer>;
  dispose(): Promise<void>;
}

/** A reply is one or two kilobytes; that of a query about many refunds is longer. */
const limits = { maxBytes: 256 * 1024, maxFields: 1000 } as const;

/** Merchant and application as most calls name them. */
export const party = ({ appId, mchId }: Settings) => ({ appid: appId, mch_id: mchId });

const own = (settings: Settings): readonly (readonly [name: string, expected: string])[] => [
  ['appid', settings.appId],
  ['mch_appid', settings.appId],
  ['mch_id', settings.mchId],
  ['mchid', settings.mchId],
];

/** An answer that names another merchant or application is none to this one. */
function requireOurs(fields: Message, settings: Settings): void {
  for (const [name, expected] of own(settings)) {
    const told = textOf(fields, name);
    if (told !== undefined && told !== expected) {
      throw contradicts(`The answer's ${name} is not the configured one`);
    }
  }
}

const certificateWords = /No required SSL certificate was sent|The SSL certificate error/;

/**
 * What stands in front of WeChat Pay answers in HTML.
 *
 * Quirk: without the right certificate a call gets no further than there (B1).
 */
function requireOk({ status, body }: Reply, operation: Operation): void {
  if (status === 200) return;
  const words = Buffer.from(body).toString('latin1');
  if (status === 400 && calls[operation].certificate && certificateWords.test(words)) {
    throw new PolyrailError('REFUSED', 'WeChat Pay was not shown the client certificate it wants', {
      reason: 'credential-invalid',
      evidence: 'transport',
    });
  }
  throw serverError(status);
}

/** Reads a message and checks whatever can be checked of it. */
export function openFields(fields: Message, settings: Settings, operation: Operation): Answer {
  const { unsigned, signType = settings.signType } = calls[operation];
  const code = requiredText(fields, 'return_code');
  // Quirk: what fails on the way to the business is told without a sign (B1).
  if (code === 'FAIL') return { fields, communicated: false, evidence: 'transport' };
  if (code !== 'SUCCESS') throw unreadable('The answer has an undocumented return_code');
  if (!unsigned) requireSigned(fields, settings, signType);
  requireOurs(fields, settings);
  return { fields, communicated: true, evidence: unsigned ? 'transport' : 'signed' };
}

/** What both a request and its answer may name. */
const echoed = [
  'out_trade_no',
  'transaction_id',
  'out_refund_no',
  'partner_trade_no',
  'contract_id',
  'contract_code',
] as const;

/** An answer about something else than was asked is none, however well it is signed. */
function requireSameSubject(asked: Fields, told: Message): void {
  for (const name of echoed) {
    const given = asked[name];
    if (given !== undefined && textOf(told, name) !== undefined) requireEcho(told, name, given);
  }
}

const isXml = (body: Uint8Array): boolean => {
  const start = Buffer.from(body.subarray(0, 64)).toString('utf8');
  return /^\ufeff?\s*<(?:xml|\?xml)/.test(start);
};

export interface WireParts {
  readonly settings: Settings;
  readonly random: Random;
  readonly road: Road;
}

export function createWire({ settings, random, road }: WireParts): Wire {
  const bodyOf = ({ operation, fields }: Exchange): string => {
    const { nonceless, signType = settings.signType } = calls[operation];
    const whole: Fields = {
      ...fields,
      nonce_str: nonceless ? undefined : nonce(random, 32),
      // Quirk: MD5 is what no word about it means; some calls know no such field.
      sign_type: signType === 'MD5' ? undefined : signType,
    };
    return writeXml('xml', sealFields(whole, settings, signType));
  };
  const send = async (order: Exchange, call: Crossing, maxBodyBytes: number): Promise<Reply> => {
    const { path, certificate = false } = calls[order.operation];
    const request = { path, body: bodyOf(order), certificate };
    await call.prepared(order.handle);
    const onFirstByte = () => call.sent();
    const reply = await road.send(request, { signal: call.signal, maxBodyBytes, onFirstByte });
    requireOk(reply, order.operation);
    return reply;
  };
  const open = ({ body }: Reply, { operation, fields }: Exchange): Answer => {
    const answer = openFields(readXml(body, limits).fields, settings, operation);
    requireSameSubject(fields, answer.fields);
    return answer;
  };
  return {
    async call(order, call) {
      return open(await send(order, call, limits.maxBytes), order);
    },
    async download(order, call) {
      const reply = await send(order, call, settings.statementMaxBytes);
      return isXml(reply.body) ? open(reply, order) : reply;
    },
    dispose: road.dispose,
  };
}
