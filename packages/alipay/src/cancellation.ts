/** alipay · cancellation: the verbs that undo, or ask about, more than one kind of thing. */
import { type Call, type Clock, type Finding, PolyrailError, type Ref } from '@polyrail/core';
import { readCancellationHandle } from './handle.ts';
import { queryPaymentCancellation, reversePayment } from './payment.ts';
import { releaseVerbs } from './release.ts';
import type { Wire } from './wire.ts';

type Cancelling = Finding<'cancellation'>;

/** The verbs of this file, strung on the wire. */
export function cancellationVerbs(wire: Wire, clock: Clock) {
  const release = releaseVerbs(wire, clock);
  return {
    cancelAuthorization: release.cancelAuthorization,
    async reverse(
      target: Ref<'payment' | 'authorization' | 'cancellation'>,
      call: Call<'cancellation'>,
    ): Promise<Cancelling> {
      switch (target.noun) {
        case 'payment':
          return reversePayment({ wire, clock }, target as Ref<'payment'>, call);
        case 'authorization':
          return release.reverseAuthorization(target as Ref<'authorization'>, call);
        case 'cancellation': {
          const message = 'At Alipay a cancellation is not reversed: it is settled by repeating it';
          throw new PolyrailError('UNSUPPORTED', message, { field: 'noun' });
        }
      }
    },
    async queryCancellation(
      cancellation: Ref<'cancellation'>,
      call: Call<'cancellation'>,
    ): Promise<Cancelling> {
      const { kind, order } = readCancellationHandle(cancellation);
      if (kind === 'release') return release.queryRelease(order, cancellation.merchantId, call);
      if (kind === 'undo') return release.queryUndo(order, call);
      return queryPaymentCancellation(wire, order, call);
    },
  };
}
