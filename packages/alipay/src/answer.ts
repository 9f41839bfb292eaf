/** alipay · answer: what every reply has in common - accepted, or a code that decides something. */
import {
  type Call,
  type Doubt,
  type Finding,
  isPolyrailError,
  type Noun,
  PolyrailError,
  type Reason,
} from '@polyrail/core';
import { type Method, verdictOf } from './codes.ts';
import { type Message, requiredText, textOf } from './messages.ts';

/** How long to wait after a rate limit: Alipay counts calls by the second. */
const rateLimitMs = 1000;

/** The call was carried out. 10003 stands for a barcode payment whose payer must still confirm. */
export const isAccepted = (node: Message): boolean => node.code === '10000';
export const isInProgress = (node: Message): boolean => node.code === '10003';

const say = (method: Method, node: Message): string => {
  const { code, msg, sub_code: subCode, sub_msg: subMessage } = node;
  const words = [code, msg, subCode, subMessage].filter((word) => typeof word === 'string');
  return `Alipay answered ${method} with ${words.join(' · ')}`;
};

/**
 * What a verified answer other than success means for this call.
 *
 * @throws PolyrailError `REFUSED` when the channel rejected the message
 */
export function fromRejection<N extends Noun>(method: Method, node: Message): Finding<N> {
  const code = requiredText(node, 'code');
  const subCode = textOf(node, 'sub_code');
  const verdict = verdictOf(method, code, subCode);
  const words = {
    channelCode: subCode ?? code,
    channelMessage: textOf(node, 'sub_msg') ?? textOf(node, 'msg'),
  };
  const told = { evidence: 'signed', raw: node, merchantId: undefined, ...words } as const;
  if (verdict.end === 'failed') {
    const { reason, retry } = verdict;
    return { status: 'failed', reason, retry, ...told } as Finding<N>;
  }
  if (verdict.end === 'refused') {
    throw new PolyrailError('REFUSED', say(method, node), {
      reason: verdict.reason,
      evidence: 'signed',
      channelCode: words.channelCode,
      ...(words.channelMessage === undefined ? {} : { channelMessage: words.channelMessage }),
      ...(verdict.reason === 'rate-limited' ? { retryAfterMs: rateLimitMs } : {}),
    });
  }
  const { doubt } = verdict;
  return {
    status: 'unknown',
    doubt,
    cause: causeOf(doubt, say(method, node)),
    ...told,
  } as Finding<N>;
}

/** An error to show where the answer is no answer; not-found and a known id are answers. */
function causeOf(doubt: Doubt, message: string): PolyrailError | undefined {
  if (doubt === 'server-error') return new PolyrailError('UNAVAILABLE', message, { doubt });
  if (doubt !== 'unreadable-reply') return undefined;
  return new PolyrailError('REPLY_UNREADABLE', message, { doubt });
}

/**
 * Asks a second question about a first call that was accepted. A refusal of the question is no
 * refusal of the call: it leaves us not knowing.
 */
export async function followUp<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isPolyrailError(error) || error.code !== 'REFUSED') throw error;
    const message = 'The call was accepted, but the question what became of it was refused';
    throw new PolyrailError('UNAVAILABLE', message, { doubt: 'server-error', cause: error });
  }
}

/**
 * A question before the call itself: what it needs to know is read first. It is no exchange that
 * moves, so that it is neither prepared for nor the point of no return.
 */
export const beforehand = (call: Call): Call => ({
  ...call,
  prepared: async () => {},
  sent: () => {},
});

/** What a question before the call must have told. Until it is sent, a throw means nothing happened. */
export function requireTold<N extends Noun>(
  finding: Finding<N>,
  what: string,
  reason: Reason = 'parameter-invalid',
): Exclude<Finding<N>, { readonly status: 'unknown' }> {
  if (finding.status !== 'unknown') {
    return finding as Exclude<Finding<N>, { readonly status: 'unknown' }>;
  }
  const { doubt, cause, channelCode } = finding;
  if (doubt !== 'not-found') {
    throw cause ?? new PolyrailError('UNAVAILABLE', `Alipay does not tell ${what}`, { doubt });
  }
  throw new PolyrailError('REFUSED', `Alipay does not know ${what}`, {
    reason,
    evidence: 'signed',
    ...(channelCode === undefined ? {} : { channelCode }),
  });
}
