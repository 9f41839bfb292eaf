/**
 * gateway · begin: carries an order to a channel. Validate, claim the id, route, assess the risk, persist
 * the attempt, call, update: the attempt is on disk before its first byte leaves.
 */
import { type Channel, instantOf, PolyrailError } from '@polyrail/core';
import { attemptAt, refusedInDoubt, type Target } from './attempt.ts';
import {
  change,
  channelsOf,
  channelTaking,
  type Desk,
  find,
  noSuch,
  tell,
  type Writing,
} from './desk.ts';
import { type Entry, entryOf, isHeldFor, type Kept, keyOf } from './entry.ts';
import {
  type BeginOptions,
  type Claimed,
  claim,
  claimOf,
  draftOf,
  invalid,
  isStored,
  type Order,
  orderOf,
  parentKeyOf,
} from './order.ts';
import { lookOn } from './plan.ts';
import { assess, defaultChallengeMs } from './risk.ts';
import { offers, type RouteQuestion, routeOf } from './route.ts';
import type { EntryKey } from './store.ts';
import { attemptMeant } from './surplus.ts';
import type { BeginVerb } from './verbs.ts';
import { endBy, moveTo } from './weigh.ts';

async function parentTarget(desk: Desk, order: Order, key: EntryKey): Promise<Target> {
  const parent = await find(desk, key);
  if (parent === undefined) throw noSuch(key);
  const attempt = attemptMeant(parent, order.key.id);
  const member = order.rule.parent?.member ?? '';
  if (attempt === undefined) {
    throw invalid(member, `${key.id} is ${parent.state}: only what succeeded can be meant here`);
  }
  const { channel: name, ref: parentRef } = attempt;
  const channel = channelTaking(desk, { merchant: key.merchant, channel: name }, order.verb);
  return { name, channel, parentRef };
}

/** The one channel that may take an order: the payer's choice, or where it may have been taken before. */
function placeOf(desk: Desk, { key, options }: Order, claimed: Kept): string | undefined {
  const channels = channelsOf(desk, key.merchant);
  const { channel: chosen } = options;
  if (chosen !== undefined && !Object.hasOwn(channels, chosen)) {
    throw invalid('channel', `must be one of ${Object.keys(channels).join(', ')}`);
  }
  const refused = refusedInDoubt(desk, claimed)?.channel;
  if (refused !== undefined && chosen !== undefined && chosen !== refused) {
    const why = 'which refused this order in words nobody signed, and may have taken it';
    throw invalid('channel', `must be ${refused}, ${why}: elsewhere it needs another id`);
  }
  return refused ?? chosen;
}

async function targetsOf(desk: Desk, order: Order, claimed: Kept): Promise<readonly Target[]> {
  const parent = parentKeyOf(order);
  if (parent !== undefined) return [await parentTarget(desk, order, parent)];
  const { verb, rule, key, request } = order;
  if (!rule.routed) throw invalid(rule.parent?.member ?? '', 'must name what it belongs to');
  const channels = channelsOf(desk, key.merchant);
  const place = placeOf(desk, order, claimed);
  const question: RouteQuestion = {
    merchant: key.merchant,
    verb,
    request,
    channels: Object.keys(channels).filter((name) => {
      const channel = channels[name];
      const meant = place === undefined || name === place;
      return meant && channel !== undefined && offers(channel, verb, request);
    }),
    quality: (name) => desk.health.quality(key.merchant, name),
  };
  const names = await routeOf(place === undefined ? desk.settings.route : undefined, question);
  return names.map((name) => ({ name, channel: channels[name] as Channel }));
}

/** Lets go of the claim, so that the same id may be tried again at once; `false` when others hold it. */
async function release(desk: Desk, claimed: Kept): Promise<boolean> {
  if ((await find(desk, claimed)) === undefined) return true;
  let isOurs = false;
  await change(desk, keyOf(claimed), async (standing) => {
    isOurs = isHeldFor(standing, claimed);
    if (!isOurs) return undefined;
    const { claim, ...free } = standing;
    return { kept: free, lines: [], events: [] };
  });
  return isOurs;
}

const riskOf = ({ settings }: Desk, { rule }: Order) => (rule.assessed ? settings.risk : undefined);

/** Asks the risk hook; `undefined` lets the order pass. */
async function judge(desk: Desk, order: Order, kept: Kept): Promise<Kept | undefined> {
  const risk = riskOf(desk, order);
  if (risk === undefined || kept.confirmed === true) return undefined;
  const { verb, request, key } = order;
  const { answer, byDefault } = await assess(
    risk,
    { merchant: key.merchant, verb, request },
    desk.clock,
  );
  if (answer === 'pass') return undefined;
  return change(desk, key, async (standing): Promise<Writing> => {
    const now = desk.clock.now();
    const { claim, ...free } = standing;
    const line = { kind: 'risk', body: { answer, byDefault } };
    if (answer === 'block') {
      const blocked = endBy(free, { proof: 'risk', reason: 'risk-blocked' }, now);
      const resolveAt = lookOn(blocked.kept, now);
      return { ...blocked, lines: [line, ...blocked.lines], resolveAt };
    }
    const challenged: Kept = { ...free, state: 'challenged', updatedAt: instantOf(now) };
    return {
      kept: challenged,
      lines: [line, { kind: 'transition', body: { from: free.state, to: 'challenged' } }],
      events: ['challenged'],
      resolveAt: now + (risk.challengeMs ?? defaultChallengeMs),
    };
  });
}

/**
 * Carries an order to the first channel that takes it; `undefined` when somebody else carries it by
 * now. What is not stored yet is stored with its first attempt.
 */
async function carry(desk: Desk, order: Order, claimed: Kept): Promise<Kept | undefined> {
  try {
    const targets = await targetsOf(desk, order, claimed);
    const judged = await judge(desk, order, claimed);
    if (judged !== undefined) return judged;
    let kept = claimed;
    let failure: unknown;
    for (const target of targets) {
      const ended = await attemptAt(desk, order, { target, kept });
      if ('kept' in ended) return ended.kept;
      if ('taken' in ended) return undefined;
      failure = ended.error;
      if (!ended.elsewhere) break;
      const standing = (await find(desk, order.key)) ?? kept;
      if (!isHeldFor(standing, claimed)) return undefined;
      kept = standing;
    }
    throw failure;
  } catch (error) {
    // What failed here may be under way with somebody else: what stands there is the answer then.
    if (!(await release(desk, claimed))) return undefined;
    throw error;
  }
}

/**
 * Claims the id, or finds what stands under it. Where nobody has to remember a decision before the
 * first attempt, the two are stored together: one flush of the disk less.
 */
async function claimFirst(desk: Desk, order: Order): Promise<Claimed> {
  const mustStand = riskOf(desk, order) !== undefined;
  if (mustStand || (await find(desk, order.key)) !== undefined) return claim(desk, order);
  return { kept: draftOf(desk, order), mine: true };
}

/** So often an order is claimed again that somebody else carried away: a sound store needs it once. */
const mostClaims = 8;

/**
 * Begins an entry, or finds the one that stands under the id. When it throws, nothing was sent and the
 * id is as free as before.
 */
export async function begin(
  desk: Desk,
  verb: BeginVerb,
  call: {
    readonly request: unknown;
    readonly options?: BeginOptions | undefined;
  },
): Promise<Entry> {
  if (desk.closing.aborted) throw new PolyrailError('NOT_SENT', 'The gateway was closed');
  const order = orderOf(verb, call.request, call.options ?? {});
  channelsOf(desk, order.key.merchant);
  let claimed = await claimFirst(desk, order);
  for (let claims = 1; claimed.mine; claims += 1) {
    if (isStored(claimed.kept)) tell(desk, claimed.kept);
    const carried = await carry(desk, order, claimed.kept);
    if (carried !== undefined) return entryOf(carried);
    if (claims === mostClaims) {
      throw new PolyrailError('NOT_SENT', 'Others keep taking this order over: repeat the call');
    }
    claimed = await claim(desk, order);
  }
  return entryOf(claimed.kept);
}

/** Answers a challenge of the risk hook. A passed order goes on at once when it holds no secret. */
export async function confirm(
  desk: Desk,
  key: EntryKey,
  verdict: 'pass' | 'block',
): Promise<Entry> {
  const now = desk.clock.now();
  const kept = await change(desk, key, async (standing): Promise<Writing> => {
    if (standing.state !== 'challenged') {
      throw invalid(
        key.noun,
        `${key.id} is ${standing.state}: only what is challenged is confirmed`,
      );
    }
    if (verdict === 'block') {
      const end = endBy(standing, { proof: 'risk', reason: 'risk-blocked' }, now);
      return { ...end, resolveAt: lookOn(end.kept, now) };
    }
    const moved = moveTo(standing, 'created', {
      now,
      confirmed: true,
      ...(standing.secrets ? {} : { claim: claimOf(desk) }),
    });
    return { ...moved, events: [], resolveAt: now + desk.settings.abandonAfterMs };
  });
  // Secrets are stored nowhere: whoever holds them repeats the same call, and it goes on.
  if (verdict === 'block' || kept.secrets) return entryOf(kept);
  const { merchant } = key;
  const options = { merchant, ...(kept.chosen === undefined ? {} : { channel: kept.chosen }) };
  const order = orderOf(kept.verb as BeginVerb, kept.request, options);
  return entryOf((await carry(desk, order, kept)) ?? (await find(desk, key)) ?? kept);
}
