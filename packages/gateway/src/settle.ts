/** gateway · settle: applies a finding to its entry, and what follows for what the entry belongs to. */
import { addMoney, type Capabilities, type Reason } from '@polyrail/core';
import { type Desk, lock, tell, write } from './desk.ts';
import { doubtAgreement } from './doubt.ts';
import { defined, type Kept } from './entry.ts';
import { nextLook } from './plan.ts';
import type { EntryKey, Transaction } from './store.ts';
import { attemptMeant, isAside } from './surplus.ts';
import { undoneAfter } from './told.ts';
import { type Finding, type WeighRules, weigh } from './weigh.ts';

const undoneBy = { refund: 'refund', cancellation: 'cancel' } as const;

/** Money given back stands beside the payment it was given back of. */
async function creditParent(
  desk: Desk,
  transaction: Transaction,
  child: Kept,
): Promise<Kept | undefined> {
  const { parent, noun } = child;
  if (parent?.noun !== 'payment' || !(noun === 'refund' || noun === 'cancellation'))
    return undefined;
  if (noun === 'cancellation' && child.told?.effect !== 'refunded') return undefined;
  const payment = await lock(desk, transaction, parent);
  if (payment?.amount === undefined) return undefined;
  const meant = attemptMeant(payment, child.id);
  if (meant !== undefined && isAside(payment, meant.attemptId)) return undefined;
  const before = payment.credited ?? { ...payment.amount, amount: 0 };
  const rest = { ...payment.amount, amount: payment.amount.amount - before.amount };
  // A cancellation names no amount: it gives back whatever refunds had left.
  const named = child.amount ?? rest;
  const amount = named.amount > rest.amount ? rest : named;
  const credited = addMoney(before, amount);
  const undone = undoneAfter(payment, { by: undoneBy[noun], amount: credited });
  return write(desk, transaction, {
    kept: defined<Kept>({ ...payment, credited, undone }),
    lines: [{ kind: 'undone', body: { by: noun, id: child.id, amount } }],
    // The channel may have told of it first.
    events: undone === payment.undone ? [] : ['undone'],
  });
}

/** By which a finding is weighed at this moment. */
export const weighRules = ({ clock, settings }: Desk): WeighRules => ({
  now: clock.now(),
  late: settings.late,
  expireAfterMs: settings.expireAfterMs,
});

/** Applies a finding inside a transaction, to an entry that is locked. */
export async function settleIn(
  desk: Desk,
  transaction: Transaction,
  place: {
    readonly kept: Kept;
    readonly finding: Finding;
    /** `undefined` of a channel that is no longer configured. */
    readonly capabilities: Capabilities | undefined;
  },
): Promise<readonly Kept[]> {
  const { kept, finding, capabilities } = place;
  const now = desk.clock.now();
  const weighed = weigh(kept, finding, weighRules(desk));
  const resolveAt = nextLook(weighed.kept, { capabilities, now });
  const after = await write(desk, transaction, { ...weighed, resolveAt });
  if (weighed.events.includes('alarm')) {
    const { merchant, noun, id } = kept;
    desk.telemetry.alarm({ merchant, noun, id });
  }
  const reason = finding.outcome.reason as Reason | undefined;
  await doubtAgreement(desk, transaction, { ...after, reason });
  const arrived = after.state === 'succeeded' && kept.state !== 'succeeded';
  const parent = arrived ? await creditParent(desk, transaction, after) : undefined;
  return parent === undefined ? [after] : [after, parent];
}

/** Applies a finding. The entry as it then stands. */
export async function settle(
  desk: Desk,
  key: EntryKey | Kept,
  found: { readonly finding: Finding; readonly capabilities: Capabilities },
): Promise<Kept> {
  let changed: readonly Kept[] = [];
  const kept = await desk.store.transaction(async (transaction) => {
    const standing = await lock(desk, transaction, key);
    if (standing === undefined) throw new Error(`The ${key.noun} ${key.id} is gone`);
    changed = await settleIn(desk, transaction, { kept: standing, ...found });
    return changed[0] ?? standing;
  });
  for (const one of changed) tell(desk, one);
  return kept;
}
