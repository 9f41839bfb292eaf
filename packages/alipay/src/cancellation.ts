/** alipay · cancellation: the verbs that undo, or ask about, more than one kind of thing. */
import {
  type Call,
  type CancelAuthorizationRequest,
  type Clock,
  type Finding,
  PolyrailError,
  type Ref,
} from '@polyrail/core';
import { readCancellationHandle } from './handle.ts';
import { queryPaymentCancellation, reversePayment } from './payment.ts';
import { cancelAuthorization, queryRelease, queryUndo, reverseAuthorization } from './release.ts';
import type { Wire } from './wire.ts';

type Cancelling = Finding<'cancellation'>;
type Undoable = Ref<'payment' | 'authorization' | 'cancellation'>;

async function reverse(
  room: { wire: Wire; clock: Clock },
  target: Undoable,
  call: Call,
): Promise<Cancelling> {
  if (target.noun === 'payment') return reversePayment(room, target as Ref<'payment'>, call);
  if (target.noun === 'authorization') {
    return reverseAuthorization(room, target as Ref<'authorization'>, call);
  }
  const message = 'At Alipay a cancellation is not reversed: it is settled by repeating it';
  throw new PolyrailError('UNSUPPORTED', message, { field: 'noun' });
}

async function ask(wire: Wire, cancellation: Ref<'cancellation'>, call: Call): Promise<Cancelling> {
  const { kind, order } = readCancellationHandle(cancellation);
  if (kind === 'undo') return queryUndo(wire, order, call);
  if (kind === 'trade') return queryPaymentCancellation(wire, order, call);
  return queryRelease(wire, { order, id: cancellation.merchantId }, call);
}

/** The verbs of this file, strung on the wire. */
export function cancellationVerbs(wire: Wire, clock: Clock) {
  const room = { wire, clock };
  return {
    cancelAuthorization: (request: CancelAuthorizationRequest, call: Call<'cancellation'>) =>
      cancelAuthorization(wire, request, call),
    reverse: (target: Undoable, call: Call<'cancellation'>) => reverse(room, target, call),
    queryCancellation: (cancellation: Ref<'cancellation'>, call: Call<'cancellation'>) =>
      ask(wire, cancellation, call),
  };
}
