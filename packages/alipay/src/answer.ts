/** alipay · answer: what every reply has in common - accepted, or a code that decides something. */
import { type Finding, type Noun, PolyrailError, type Reason } from '@polyrail/core';
import { decide, refusal } from '@polyrail/kit/verdict';
import { type Method, verdictOf } from './codes.ts';
import { type Message, requiredText, textOf } from './messages.ts';

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
  return decide<N>(verdictOf(method, code, subCode), {
    message: say(method, node),
    channelCode: subCode ?? code,
    channelMessage: textOf(node, 'sub_msg') ?? textOf(node, 'msg'),
    evidence: 'signed',
    raw: node,
  });
}

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
  throw refusal(`Alipay does not know ${what}`, { reason, evidence: 'signed', channelCode });
}
