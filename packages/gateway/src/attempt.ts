/**
 * gateway · attempt: one try of an order at one channel. It is stored before its first byte leaves, and
 * what a channel's throw proves is told apart from what it leaves open.
 */
import {
  type Channel,
  type Evidence,
  epochMsOf,
  type Instant,
  instantOf,
  isPolyrailError,
  type Noun,
  PolyrailError,
  type Ref,
} from '@polyrail/core';
import { callChannel, calledUntilOf, callMarginMs, timeoutOf } from './call.ts';
import { add, change, type Desk, find, reach, tell, type Writing } from './desk.ts';
import { agreementInDoubt, doubtAgreement } from './doubt.ts';
import { type Attempt, defined, isHeldFor, type Kept, keyOf } from './entry.ts';
import { attemptNamesOf } from './ids.ts';
import {
  type Content,
  inContractWords,
  isStored,
  type Order,
  parentKeyOf,
  requestLine,
} from './order.ts';
import { settle } from './settle.ts';
import { type AnyOutcome, lastingScenes, verbOf } from './verbs.ts';

/** Whom the order goes to, and what it names there. */
export interface Target {
  readonly name: string;
  readonly channel: Channel;
  readonly parentRef?: Ref<Noun>;
}

/** When an order that its payer pays later expires, unless it says so. */
const expiryOf = ({ clock, settings }: Desk, { startedAt }: Attempt): Instant =>
  instantOf(Math.max(epochMsOf(startedAt) ?? 0, clock.now()) + settings.expireAfterMs);

/** The request in the contract's own words. */
function wireRequest(
  desk: Desk,
  order: Order,
  place: { target: Target; attempt: Attempt },
): Content {
  const { rule, request, verb } = order;
  const { target, attempt } = place;
  const isOrder = verb === 'pay' || verb === 'authorize';
  const mayExpire = verb === 'pay' || target.channel.capabilities.holdsExpire !== false;
  const lasts = isOrder && mayExpire && lastingScenes.has(String(request.scene));
  const expiresAt = lasts ? expiryOf(desk, attempt) : undefined;
  const notified = isOrder || verb === 'signUp';
  const { merchant } = order.key;
  const notifyUrl = notified
    ? desk.settings.notifyUrl?.({ merchant, channel: target.name })
    : undefined;
  return {
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(notifyUrl === undefined ? {} : { notifyUrl }),
    ...inContractWords(request, { rule, attempt, parentRef: target.parentRef }),
  };
}

/** What a process has in hand when it is about to send. */
interface Prepared {
  readonly kept: Kept;
  readonly attempt: Attempt;
  readonly expiresAt: Instant | undefined;
}

/** The entry with the attempt in it. */
function withAttempt({ kept, attempt, expiresAt }: Prepared): Writing {
  const { channel, attemptId, calledUntil, ref } = attempt;
  const others = kept.attempts.filter((one) => one.attemptId !== attemptId);
  const attempts = [...others, attempt];
  return {
    kept: defined<Kept>({ ...kept, channel, expiresAt, attempts, asked: 0 }),
    lines: [{ kind: 'attempt', body: { channel, attemptId, ref } }],
    events: [],
    resolveAt: epochMsOf(calledUntil) ?? 0,
  };
}

/** Stores an order together with its first attempt: the id is claimed by that. */
async function addWithAttempt(desk: Desk, prepared: Prepared): Promise<Kept | undefined> {
  const { kept, attempt } = prepared;
  const { channel, attemptId } = attempt;
  const writing = withAttempt(prepared);
  const lines = [requestLine(kept), ...writing.lines];
  const added = await add(desk, { ...writing, lines }, (transaction) =>
    transaction.nameAttempt({ ...keyOf(kept), channel, attemptId }),
  );
  if (added !== undefined) tell(desk, added);
  return added;
}

async function changeWithAttempt(desk: Desk, prepared: Prepared): Promise<Kept | undefined> {
  const { channel, attemptId } = prepared.attempt;
  let mine = false;
  const changed = await change(desk, prepared.kept, async (kept, transaction) => {
    mine = isHeldFor(kept, prepared.kept) && kept.state === 'created';
    if (!mine) return undefined;
    await transaction.nameAttempt({ ...keyOf(kept), channel, attemptId });
    return withAttempt({ ...prepared, kept });
  });
  return mine ? changed : undefined;
}

const unsentAs = (why: string): PolyrailError => new PolyrailError('NOT_SENT', why);

/** Stores the attempt: from here on its first byte may leave. `taken`: somebody else carries the order. */
async function persist(desk: Desk, prepared: Prepared): Promise<Kept | 'taken'> {
  await reach(desk, 'before-persist');
  const write = isStored(prepared.kept) ? changeWithAttempt : addWithAttempt;
  const stored = await write(desk, prepared);
  if (stored === undefined) return 'taken';
  await reach(desk, 'after-persist');
  return stored;
}

export type Ended =
  | { readonly kept: Kept }
  | { readonly taken: true }
  | { readonly error: unknown; readonly elsewhere: boolean };

/** Whether a refusal that is vouched for like this is believed. */
const isBelieved = ({ settings }: Desk, evidence: Evidence | undefined): boolean =>
  evidence === 'signed' || settings.failOverOnTransportEvidence;

/** Whether what was thrown leaves the payment free to go to another channel. */
function freesPayment(desk: Desk, error: unknown): boolean {
  if (!isPolyrailError(error)) return false;
  if (error.code !== 'REFUSED') return error.code !== 'ABORTED';
  return isBelieved(desk, error.evidence);
}

/** The attempt whose channel may have taken the order, for all that its refusal is worth. */
export const refusedInDoubt = (desk: Desk, { attempts }: Kept): Attempt | undefined =>
  attempts.find(({ fate, evidence }) => fate === 'refused' && !isBelieved(desk, evidence));

/**
 * An error of the contract says that this call changed nothing: the attempt is over, and the entry as it
 * was. Any other error says nothing, and the attempt stays for the resolver. So does one of the same name
 * with which somebody else carries the order.
 */
async function unsent(desk: Desk, claimed: Kept, failed: { attemptId: string; error: unknown }) {
  const { attemptId, error } = failed;
  if (!isPolyrailError(error) || (await find(desk, claimed)) === undefined) return;
  const { code, evidence, reason } = error;
  const refused = code === 'REFUSED';
  const body = { attemptId, ...error.toJSON() };
  await change(desk, keyOf(claimed), async (kept) => {
    if (!isHeldFor(kept, claimed)) return undefined;
    const index = kept.attempts.findIndex((one) => one.attemptId === attemptId);
    const attempt = kept.attempts[index];
    if (attempt?.fate !== 'prepared') return undefined;
    const fate = refused ? 'refused' : 'not-sent';
    // A call that was not sent takes nothing back of what the channel said before.
    const former = claimed.attempts.find((one) => one.attemptId === attemptId);
    const isAsBefore = !refused && former?.fate === 'refused';
    const after = isAsBefore ? former : defined<Attempt>({ ...attempt, fate, evidence, reason });
    return {
      kept: { ...kept, attempts: kept.attempts.with(index, after) },
      lines: [{ kind: refused ? 'refusal' : 'not-sent', body }],
      events: [],
      resolveAt: desk.clock.now() + desk.settings.abandonAfterMs,
    };
  });
}

/** Also of what was never stored: its channel may have been asked about the agreement beforehand. */
async function doubtParent(desk: Desk, order: Order, error: unknown): Promise<void> {
  const reason = isPolyrailError(error) ? error.reason : undefined;
  const charge = { id: order.key.id, parent: parentKeyOf(order), reason };
  if (agreementInDoubt(charge) === undefined) return;
  await desk.store.transaction((transaction) => doubtAgreement(desk, transaction, charge));
}

export async function attemptAt(
  desk: Desk,
  order: Order,
  at: { target: Target; kept: Kept },
): Promise<Ended> {
  const { target, kept } = at;
  const { name, channel } = target;
  const { options, key } = order;
  const { capabilities } = channel;
  const timeoutMs = timeoutOf(desk, capabilities, options.timeoutMs);
  const startedAt = (order.request.startedAt as Instant | undefined) ?? instantOf(desk.clock.now());
  const draft = {
    channel: name,
    ...attemptNamesOf(kept, { channel: name, capabilities }, startedAt),
    fate: 'prepared' as const,
    calledUntil: calledUntilOf(desk, timeoutMs),
  };
  const { attemptId } = draft;
  const request = wireRequest(desk, order, { target, attempt: draft as Attempt });
  let storing: Promise<Kept | 'taken'> | undefined;
  /** What the store made of it; a store that failed has told the call. */
  const stored = async () => storing?.catch(() => undefined);
  const onPrepared = async (ref: Ref<Noun>): Promise<void> => {
    const attempt = { ...draft, ref: ref as Attempt['ref'] };
    storing = persist(desk, { kept, attempt, expiresAt: request.expiresAt as Instant | undefined });
    if ((await storing) === 'taken') throw unsentAs('Another process carries this order by now');
    // A process that stood still meanwhile must not send what others hold for over by now.
    if (desk.clock.now() >= (epochMsOf(draft.calledUntil) ?? 0) - callMarginMs) {
      throw unsentAs('The deadline passed while the attempt was stored');
    }
  };
  const verb = verbOf(channel, order.verb);
  if (verb === undefined) throw new TypeError(`Channel ${name} lost its verb ${order.verb}`);
  let outcome: AnyOutcome;
  try {
    outcome = await callChannel(
      desk,
      { merchant: key.merchant, channel: name, verb: order.verb, amount: kept.amount },
      { verb, request, options: { signal: options.signal, timeoutMs, onPrepared }, guarded: true },
    );
  } catch (error) {
    // A call that was given up meanwhile does not wait for the store; what it writes comes first.
    if ((await stored()) === 'taken') return { taken: true };
    await unsent(desk, kept, { attemptId, error });
    await doubtParent(desk, order, error);
    return { error, elsewhere: freesPayment(desk, error) };
  }
  await reach(desk, 'after-reply');
  const finding = { source: 'reply' as const, attemptId, outcome };
  const standing = await stored();
  const prepared = standing === undefined || standing === 'taken' ? kept : standing;
  return { kept: await recorded(desk, prepared, { finding, capabilities }) };
}

/** What a channel said, on disk. Where that fails it is unknown until the resolver asks again. */
async function recorded(
  desk: Desk,
  kept: Kept,
  found: Parameters<typeof settle>[2],
): Promise<Kept> {
  try {
    return await settle(desk, kept, found);
  } catch (error) {
    desk.telemetry.failed('polyrail.gateway.unrecorded', error);
    return { ...kept, state: 'unknown', doubt: 'defect' };
  }
}
