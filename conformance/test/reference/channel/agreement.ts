/** reference channel · agreement: the payer's standing consent - asked for, looked up, ended. */
import {
  type Call,
  type ConfirmSignUpRequest,
  type Finding,
  type NextAction,
  type Ref,
  revealText,
} from '@polyrail/core';
import { fromRejection, isRejection, told } from './answer.ts';
import { requiredText, textOf, unreadable } from './messages.ts';
import type { Message, Parts } from './parts.ts';
import type { SignUpRequest } from './shape.ts';
import type { Wire } from './wire.ts';

const pollAfterMs = 5000;

/** Pure: a sign-up in acme's words. */
export const toSignUp = (request: SignUpRequest, wire: Pick<Wire, 'hide'>): object => ({
  agreementId: request.merchantAgreementId,
  scene: request.scene,
  notifyUrl: request.notifyUrl,
  returnUrl: request.returnUrl,
  card: 'card' in request ? wire.hide(request.card) : undefined,
});

/** Pure: an agreement as replies and notifications tell it. */
export function fromAgreement(message: Message, parts: Parts): Finding<'agreement'> {
  const state = requiredText(message, 'state');
  const standing = parts.stateOf(state, 'agreement');
  if (standing === undefined) throw unreadable('The agreement has an undocumented state');
  const facts = {
    ...told(message, parts),
    merchantId: parts.echoOf(message, 'agreementId') as string,
    channelId: textOf(message, 'acmeId'),
  };
  switch (standing.status) {
    case 'pending': {
      const [text, sentTo] = [textOf(message, 'qrCode'), textOf(message, 'sentTo')];
      const code: NextAction | undefined = sentTo ? { kind: 'otp', sentTo } : undefined;
      const nextAction: NextAction | undefined = text ? { kind: 'qr', text } : code;
      return { status: 'pending', waitingFor: 'payer', pollAfterMs, nextAction, ...facts };
    }
    case 'succeeded': {
      const instrument = textOf(message, 'instrument');
      const now = state === 'ENDED' ? 'ended' : 'active';
      return { status: 'succeeded', standing: now, instrument, ...facts };
    }
    case 'failed':
      return { ...standing, ...facts };
  }
}

const read = (
  operation: 'agreements.create' | 'agreements.confirm' | 'agreements.query',
  message: Message,
  parts: Parts,
): Finding<'agreement'> =>
  isRejection(message)
    ? fromRejection<'agreement'>(operation, message, parts)
    : fromAgreement(message, parts);

/** States in which nothing can be charged any more. */
const overStates: ReadonlySet<string> = new Set(['ENDED', 'CANCELLED', 'REFUSED']);

/** Pure: an agreement that was to be ended. Its own state tells whether it is. */
export function fromSignOff(message: Message, parts: Parts): Finding<'agreement'> {
  if (isRejection(message)) return fromRejection<'agreement'>('agreements.end', message, parts);
  const merchantId = parts.echoOf(message, 'agreementId') as string;
  const channelId = textOf(message, 'acmeId');
  if (!overStates.has(requiredText(message, 'state'))) {
    throw unreadable('An ended agreement is in another state');
  }
  return { status: 'succeeded', standing: 'ended', merchantId, channelId, ...told(message, parts) };
}

/** The verbs of this file, strung on the wire. */
export function agreementVerbs(wire: Wire, parts: Parts) {
  return {
    async signUp(request: SignUpRequest, call: Call<'agreement'>): Promise<Finding<'agreement'>> {
      if (request.scene === 'page') {
        // Nothing is sent: the payer carries the sign-up to acme, and may do so at any time.
        const url = wire.linkOf(toSignUp(request, wire), '/sign');
        const nextAction = { kind: 'redirect', url } as const;
        await parts.prepare(call);
        return { status: 'pending', waitingFor: 'payer', nextAction, evidence: 'none' };
      }
      const message = await wire.call('agreements.create', toSignUp(request, wire), call);
      return read('agreements.create', message, parts);
    },
    async confirmSignUp(
      { agreement, otp, card }: ConfirmSignUpRequest,
      call: Call<'agreement'>,
    ): Promise<Finding<'agreement'>> {
      const fields = {
        agreementId: agreement.merchantId,
        code: revealText(otp),
        card: card === undefined ? undefined : wire.hide(card),
      };
      const message = await wire.call('agreements.confirm', fields, call);
      return read('agreements.confirm', message, parts);
    },
    async querySignUp(
      agreement: Ref<'agreement'>,
      call: Call<'agreement'>,
    ): Promise<Finding<'agreement'>> {
      const fields = { agreementId: agreement.merchantId };
      return read('agreements.query', await wire.call('agreements.query', fields, call), parts);
    },
    async signOff(
      agreement: Ref<'agreement'>,
      call: Call<'agreement'>,
    ): Promise<Finding<'agreement'>> {
      const fields = { agreementId: agreement.merchantId };
      return fromSignOff(await wire.call('agreements.end', fields, call), parts);
    },
  };
}
