/** unionpay · original: what is given back or undone is named by UnionPay's own number (dossier §12). */
import { type Money, type Noun, PolyrailError, type Ref } from '@polyrail/core';
import { beforehand } from '@polyrail/kit/question';
import type { Crossing } from './exchange.ts';
import { readOrderHandle } from './handle.ts';
import { inquire, isTold, type Told } from './inquiry.ts';
import { type Product, products } from './transactions.ts';
import type { Wire } from './wire.ts';

export interface Original {
  readonly queryId: string;
  readonly amount: Money;
  readonly product: Product;
}

/** What a reference that the merchant made by hand is taken for. */
const usualProduct = { payment: 'page', authorization: 'hold-page' } as const;

/** UnionPay has no such transaction that could be undone: nothing was sent about it. */
function nothingToUndo(told: Told | undefined): PolyrailError {
  const message = 'UnionPay does not tell of a transaction under this reference that succeeded';
  return new PolyrailError('REFUSED', message, {
    reason: told?.state.is === 'failed' ? told.state.reason : 'parameter-invalid',
    evidence: 'signed',
    field: 'payment',
  });
}

/**
 * The transaction that a reference names. What the reference does not tell is asked first: its number
 * comes with notifications and queries, and never with a form that the payer's browser posts.
 *
 * @throws PolyrailError `REFUSED` when UnionPay tells of none that succeeded
 */
export async function originalOf(
  wire: Wire,
  ref: Ref<'payment' | 'authorization'>,
  call: Crossing & { readonly signal: AbortSignal },
): Promise<Original> {
  const product = readOrderHandle(ref)?.product ?? usualProduct[ref.noun];
  const { channelId, amount } = ref;
  if (channelId !== undefined && !/^\d{21}$/.test(channelId)) {
    const message = 'channelId must be the 21 digits that UnionPay gave';
    throw new PolyrailError('REQUEST_INVALID', message, { field: `${ref.noun}.channelId` });
  }
  if (channelId !== undefined && amount !== undefined)
    return { queryId: channelId, amount, product };
  const { bizType } = products[product];
  const found = await inquire(wire, { ref: ref as Ref<Noun>, bizType }, beforehand(call));
  if (!isTold(found)) {
    if (found.doubt !== 'not-found' && found.cause !== undefined) throw found.cause;
    throw nothingToUndo(undefined);
  }
  if (found.state.is !== 'succeeded' || found.queryId === undefined) throw nothingToUndo(found);
  return { queryId: found.queryId, amount: found.amount, product };
}
