/** Mutants for the law of conformance/src/cases/outcome-accepted.ts. */
import type { Channel } from '@polyrail/core';
import type { Mutant } from '../mutant.ts';
import { aroundOne, retelling } from './wrap.ts';

const isAccepted = ({ waitingFor }: Record<string, unknown>): boolean => waitingFor === 'channel';

const takingForDone = (verb: keyof Channel, word: string): Mutant => ({
  law: 'OUT-25',
  what: `takes ${word} that was accepted for one that was made`,
  channel: aroundOne(verb, retelling('pending', { status: 'succeeded' }, isAccepted)),
});

export const acceptedMutants: readonly Mutant[] = [
  takingForDone('pay', 'a payment'),
  takingForDone('refund', 'a refund'),
  takingForDone('cancel', 'a cancellation'),
  takingForDone('capture', 'a capture'),
  takingForDone('cancelAuthorization', 'a release'),
  takingForDone('payout', 'a payout'),
  {
    law: 'OUT-25',
    what: 'takes a refund for made while it is still only accepted',
    channel: aroundOne('queryRefund', retelling('pending', { status: 'succeeded' }, isAccepted)),
  },
  {
    law: 'OUT-25',
    what: 'takes what was accepted for failed',
    channel: aroundOne('pay', retelling('pending', { status: 'failed' }, isAccepted)),
  },
];
