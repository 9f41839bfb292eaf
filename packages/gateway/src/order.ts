/** gateway · order: what a merchant asks to begin, read and checked, and the claim on its id. */
import {
  epochMsOf,
  instantOf,
  type Money,
  type Noun,
  PolyrailError,
  type Ref,
} from '@polyrail/core';
import { onlyMerchant } from './config.ts';
import { add, type Desk, lock, noSuch, write } from './desk.ts';
import { type Attempt, defined, type Kept } from './entry.ts';
import { fingerprintOf, holdsSecret, withoutSecrets } from './requests.ts';
import type { EntryKey } from './store.ts';
import { type BeginRule, type BeginVerb, beginRules } from './verbs.ts';
import type { Line } from './weigh.ts';

export interface BeginOptions {
  /** Whose payment it is; the only merchant unless the gateway serves many. */
  readonly merchant?: string;
  /** The channel the payer chose, by name: what is routed goes there or nowhere. */
  readonly channel?: string;
  readonly signal?: AbortSignal;
  /** Deadline of the call, in ms. */
  readonly timeoutMs?: number;
}

export type Content = Readonly<Record<string, unknown>>;

/** One order under way in this process. */
export interface Order {
  readonly verb: BeginVerb;
  readonly rule: BeginRule;
  readonly key: EntryKey;
  readonly request: Content;
  readonly options: BeginOptions;
}

/** How long one process may take from the claim to the call, in ms. */
const claimMs = 60_000;

export function invalid(field: string, rule: string): PolyrailError {
  return new PolyrailError('REQUEST_INVALID', `${field} ${rule}`, { field });
}

/** Not every store keeps what is no character. */
const isId = (id: unknown): id is string =>
  typeof id === 'string' && /^[^\p{Cc}\p{Cs}]{1,256}$/u.test(id);

/** @throws PolyrailError `REQUEST_INVALID` naming the field */
export function requireId(field: string, id: unknown): string {
  if (isId(id)) return id;
  throw invalid(field, 'must be a text of 1 to 256 characters, none of them a control character');
}

export function orderOf(verb: BeginVerb, request: unknown, options: BeginOptions): Order {
  const rule = beginRules[verb];
  if (typeof request !== 'object' || request === null)
    throw invalid('request', 'must be an object');
  const content = request as Content;
  const id = requireId(rule.id, content[rule.id]);
  const parent = rule.parent && content[rule.parent.member];
  if (parent !== undefined && !isId(parent)) {
    throw invalid(rule.parent?.member ?? '', `must be the id of the ${rule.parent?.noun} it means`);
  }
  const merchant = options.merchant ?? onlyMerchant;
  return { verb, rule, key: { merchant, noun: rule.noun, id }, request: content, options };
}

export const parentKeyOf = ({ rule, key, request }: Order): EntryKey | undefined => {
  const id = rule.parent && request[rule.parent.member];
  return rule.parent === undefined || typeof id !== 'string'
    ? undefined
    : { merchant: key.merchant, noun: rule.parent.noun, id };
};

/** The request as the contract has it: the attempt's own id and time, the parent's reference. */
export const inContractWords = (
  request: Content,
  {
    rule,
    attempt,
    parentRef,
  }: {
    readonly rule: BeginRule;
    readonly attempt: Pick<Attempt, 'attemptId' | 'startedAt'>;
    readonly parentRef?: Ref<Noun> | undefined;
  },
): Content => ({
  ...request,
  startedAt: attempt.startedAt,
  [rule.id]: attempt.attemptId,
  ...(rule.parent && parentRef ? { [rule.parent.member]: parentRef } : {}),
});

export function claimOf(desk: Desk): NonNullable<Kept['claim']> {
  const holder = Buffer.from(desk.random.bytes(12)).toString('base64url');
  return { holder, until: instantOf(desk.clock.now() + claimMs) };
}

/** An order as the entry it becomes; no store holds it yet. */
export function draftOf(desk: Desk, order: Order): Kept {
  const at = instantOf(desk.clock.now());
  const { verb, key, request } = order;
  return defined<Kept>({
    ...key,
    state: 'created',
    verb,
    amount: request.amount as Money | undefined,
    parent: parentKeyOf(order),
    attempts: [],
    createdAt: at,
    updatedAt: at,
    version: 0,
    fingerprint: fingerprintOf(verb, request),
    request: withoutSecrets(request),
    secrets: holdsSecret(request),
    chosen: order.options.channel,
    claim: claimOf(desk),
    asked: 0,
    undoing: 0,
  });
}

const mayHaveBeenSent = ({ fate }: Attempt): boolean => fate !== 'not-sent' && fate !== 'refused';

/** Whether nobody carries an entry and nothing of it was ever sent: its id is as free as before. */
function isOpen({ state, claim, attempts }: Kept, now: number): boolean {
  const held = claim !== undefined && (epochMsOf(claim.until) ?? 0) > now;
  return state === 'created' && !held && !attempts.some(mayHaveBeenSent);
}

const reused = ({ verb, rule, key }: Order): PolyrailError => {
  const message = `${rule.id} ${key.id} stands for another ${verb} already: use another id`;
  return new PolyrailError('REQUEST_INVALID', message, { field: rule.id, reason: 'id-reused' });
};

export interface Claimed {
  readonly kept: Kept;
  /** Whether this call carries it. */
  readonly mine: boolean;
}

export const isStored = ({ version }: Kept): boolean => version > 0;

/** The first line of a history. */
export const requestLine = ({ verb, request }: Kept): Line => ({
  kind: 'request',
  body: { verb, request },
});

/** Claims the id, or finds what stands under it. */
export async function claim(desk: Desk, order: Order): Promise<Claimed> {
  const draft = draftOf(desk, order);
  const now = desk.clock.now();
  const lines = [requestLine(draft)];
  const resolveAt = now + desk.settings.abandonAfterMs;
  const added = await add(desk, { kept: draft, lines, events: [], resolveAt });
  if (added !== undefined) return { kept: added, mine: true };
  return desk.store.transaction(async (transaction): Promise<Claimed> => {
    const standing = await lock(desk, transaction, order.key);
    if (standing === undefined) throw noSuch(order.key);
    if (isOpen(standing, now)) {
      const { createdAt, attempts, version } = standing;
      // Confirmed was that order, and no other.
      const isSame = standing.fingerprint === draft.fingerprint;
      const confirmed = isSame ? standing.confirmed : undefined;
      const kept = defined<Kept>({ ...draft, createdAt, attempts, version, confirmed });
      return {
        kept: await write(desk, transaction, { kept, lines, events: [], resolveAt }),
        mine: true,
      };
    }
    if (standing.fingerprint !== draft.fingerprint) throw reused(order);
    return { kept: standing, mine: false };
  });
}
