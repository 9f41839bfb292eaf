/** core · conclude: turns an adapter's finding, or its failure, into an outcome that may be believed. */
import type { Capabilities } from './capabilities.ts';
import type { Verb } from './channel.ts';
import { type Code, isPolyrailError, PolyrailError, type PolyrailErrorFields } from './errors.ts';
import type { Instant } from './instant.ts';
import type { Money } from './money.ts';
import type { Outcome } from './outcome.ts';
import { type Doubt, doubts, type Evidence, reasons } from './reason.ts';
import { redact } from './redact.ts';
import type { Noun, Ref } from './ref.ts';
import type { Finding } from './supply.ts';
import type { Family } from './verbs.ts';

/** One call as the guard sees it. */
export interface Matter {
  readonly channel: string;
  readonly verb: Verb;
  readonly family: Family;
  readonly capabilities: Capabilities;
  readonly secretFields: readonly string[];
  readonly observedAt: Instant;
  /** Whether the first byte may have left. */
  readonly sent: boolean;
}

/** Nouns whose `amount` is what was asked for, and so must come back the same. */
const amountNouns: ReadonlySet<Noun> = new Set(['payment', 'refund', 'authorization', 'payout']);

const doubtOf: { readonly [C in Code]?: Doubt } = {
  UNAVAILABLE: 'no-reply',
  ABORTED: 'no-reply',
  REPLY_UNVERIFIED: 'unverified-reply',
  REPLY_UNREADABLE: 'unreadable-reply',
};

const codeOf: { readonly [D in Doubt]: Code } = {
  'no-reply': 'UNAVAILABLE',
  'server-error': 'UNAVAILABLE',
  'unreadable-reply': 'REPLY_UNREADABLE',
  'unverified-reply': 'REPLY_UNVERIFIED',
  'contradicts-request': 'REPLY_UNVERIFIED',
  'repeated-id': 'REPLY_UNREADABLE',
  'not-found': 'REPLY_UNVERIFIED',
  defect: 'INTERNAL',
};

/** Codes that say, before the first byte, that nothing happened. */
const harmlessBefore: ReadonlySet<Code> = new Set([
  'CONFIG_INVALID',
  'REQUEST_INVALID',
  'UNSUPPORTED',
  'NOT_SENT',
  'ABORTED',
]);

const readingCodes: ReadonlySet<Code> = new Set([
  ...harmlessBefore,
  'UNAVAILABLE',
  'REPLY_UNVERIFIED',
  'REPLY_UNREADABLE',
  'NOT_READY',
]);

/** Whether evidence of this grade proves this answer on this channel. */
export function proves(matter: Matter, evidence: Evidence, answer: 'refusal' | 'other'): boolean {
  if (evidence === 'signed') return true;
  if (evidence !== 'transport') return false;
  if (matter.capabilities.sealing === 'transport') return true;
  return answer === 'refusal' && (matter.capabilities.unsigned ?? []).includes(matter.verb);
}

/**
 * A cause that may be printed: another error of ours keeps its message, a stranger's only its name
 * and code, since nobody has taken secrets out of it.
 */
function printable(cause: unknown): unknown {
  if (cause === undefined || isPolyrailError(cause)) return cause;
  const name = cause instanceof Error ? cause.name : typeof cause;
  const code: unknown = typeof cause === 'object' && cause ? Reflect.get(cause, 'code') : undefined;
  return { name, ...(typeof code === 'string' ? { code } : {}) };
}

/** The same error with channel and verb on it. */
export function located(error: PolyrailError, matter: Pick<Matter, 'channel' | 'verb'>) {
  const { cause, ...fields } = error as PolyrailError & { cause?: unknown };
  const {
    code: _code,
    name: _name,
    ...rest
  } = fields as PolyrailErrorFields & {
    code: Code;
    name: string;
  };
  return new PolyrailError(error.code, error.message, {
    ...rest,
    channel: matter.channel,
    verb: matter.verb,
    ...(cause === undefined ? {} : { cause: printable(cause) }),
  });
}

/** A failure that is no error of the contract, named without repeating what it may say. */
export function defect(matter: Pick<Matter, 'channel' | 'verb'>, error: unknown, code: Code) {
  const name = error instanceof Error ? error.name : typeof error;
  return new PolyrailError(code, `The adapter failed with ${name}`, {
    channel: matter.channel,
    verb: matter.verb,
    doubt: 'defect',
    cause: printable(error),
  });
}

/** What an error of the adapter means for a verb that moves or changes. Throws, or gives a doubt. */
export function concludeFailure<N extends Noun>(
  matter: Matter,
  ref: Ref<N>,
  error: unknown,
): Outcome<N> {
  const known = isPolyrailError(error) ? error : undefined;
  if (known?.code === 'REFUSED' && proves(matter, known.evidence ?? 'none', 'refusal')) {
    throw located(known, matter);
  }
  if (!matter.sent) {
    if (known && harmlessBefore.has(known.code)) throw located(known, matter);
    const message = 'The adapter failed before anything was sent';
    const { channel, verb } = matter;
    throw new PolyrailError('NOT_SENT', message, { channel, verb, cause: printable(error) });
  }
  const refusedUnverified = known?.code === 'REFUSED' ? ('unverified-reply' as const) : undefined;
  const doubt = known ? (known.doubt ?? refusedUnverified ?? doubtOf[known.code]) : undefined;
  const cause = known ? located(known, matter) : defect(matter, error, 'INTERNAL');
  return inDoubt(matter, ref, { doubt: doubt ?? 'defect', cause });
}

/** What an error of the adapter means for a verb that only reads. */
export function readingError(matter: Matter, error: unknown): PolyrailError {
  if (!isPolyrailError(error)) return defect(matter, error, 'INTERNAL');
  if (readingCodes.has(error.code)) return located(error, matter);
  if (error.code === 'REFUSED' && proves(matter, error.evidence ?? 'none', 'refusal')) {
    return located(error, matter);
  }
  const code = error.code === 'REFUSED' ? 'REPLY_UNVERIFIED' : 'INTERNAL';
  return located(new PolyrailError(code, error.message, { cause: error }), matter);
}

interface Doubtful {
  readonly doubt: Doubt;
  readonly cause?: PolyrailError | undefined;
  readonly raw?: unknown;
  readonly evidence?: Evidence;
  readonly channelCode?: string | undefined;
  readonly channelMessage?: string | undefined;
}

function inDoubt<N extends Noun>(matter: Matter, ref: Ref<N>, told: Doubtful): Outcome<N> {
  const { doubt, cause, channelCode, channelMessage } = told;
  return freeze({
    noun: ref.noun,
    status: 'unknown' as const,
    ref,
    evidence: told.evidence ?? 'none',
    observedAt: matter.observedAt,
    doubt,
    ...defined({ cause, channelCode, channelMessage }),
    ...(told.raw === undefined ? {} : { raw: redact(told.raw, matter.secretFields) }),
  }) as Outcome<N>;
}

const defined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;

/** Freezes plain data all the way down; errors and bytes are left as they are. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Error || ArrayBuffer.isView(value)) return value;
  for (const item of Object.values(value)) freeze(item);
  return Object.freeze(value);
}

function smallerIsAllowed(matter: Matter, asked: Money, told: Money): boolean {
  return matter.capabilities.partialApproval === true && told.amount <= asked.amount;
}

/** In what the answer contradicts the request, if it does. */
function contradiction<N extends Noun>(
  matter: Matter,
  ref: Ref<N>,
  finding: Finding<N>,
): string | undefined {
  if (finding.merchantId !== undefined && finding.merchantId !== ref.merchantId) {
    return 'The answer is about another id than the one asked about';
  }
  const told = (finding as { amount?: Money }).amount;
  if (told === undefined || ref.amount === undefined || !amountNouns.has(ref.noun)) {
    return undefined;
  }
  if (told.currency !== ref.amount.currency) return 'The answer names another currency';
  if (told.amount === ref.amount.amount || smallerIsAllowed(matter, ref.amount, told)) {
    return undefined;
  }
  return 'The answer names another amount';
}

/** Whether the evidence carries what the finding claims. */
function believable<N extends Noun>(matter: Matter, finding: Finding<N>): boolean {
  switch (finding.status) {
    case 'succeeded':
      return proves(matter, finding.evidence, 'other');
    case 'failed':
      return proves(matter, finding.evidence, 'refusal');
    case 'pending':
      return !matter.sent || proves(matter, finding.evidence, 'other');
    case 'unknown':
      return true;
  }
}

const statuses: readonly string[] = ['succeeded', 'pending', 'failed', 'unknown'];

/** What only an author's mistake can produce, whatever the type checker was told. */
function malformed<N extends Noun>(ref: Ref<N>, finding: Finding<N>): boolean {
  if (typeof finding !== 'object' || finding === null || !statuses.includes(finding.status)) {
    return true;
  }
  if (finding.status === 'failed') return !reasons.includes(finding.reason);
  if (finding.status === 'unknown') return !doubts.includes(finding.doubt);
  const told = (finding as { amount?: Money }).amount;
  if (finding.status === 'succeeded' && amountNouns.has(ref.noun) && told === undefined)
    return true;
  return told !== undefined && !Number.isSafeInteger(told.amount);
}

function doubtful<N extends Noun>(matter: Matter, ref: Ref<N>, told: Doubtful): Outcome<N> {
  const absent = told.doubt === 'not-found' && matter.family === 'reading';
  if (matter.family !== 'reading' || absent) return inDoubt(matter, ref, told);
  const message = told.cause?.message ?? `The answer cannot be believed: ${told.doubt}`;
  const { channelCode, channelMessage, doubt } = told;
  throw new PolyrailError(codeOf[told.doubt], message, {
    channel: matter.channel,
    verb: matter.verb,
    ...defined({ channelCode, channelMessage, doubt }),
  } as PolyrailErrorFields);
}

/**
 * A finding becomes an outcome: compared with the request, weighed by its evidence, redacted and
 * frozen. For a reading verb, what cannot be believed throws.
 */
export function concludeFinding<N extends Noun>(
  matter: Matter,
  asked: Ref<N>,
  finding: Finding<N>,
): Outcome<N> {
  if (malformed(asked, finding)) {
    const cause = defect(matter, new TypeError('malformed finding'), 'INTERNAL');
    return doubtful(matter, asked, { doubt: 'defect', cause });
  }
  const { noun: _noun, ref: _ref, observedAt: _at, merchantId: _id, ...told } = finding;
  const { channelId, handle, raw, ...facts } = told;
  const ref = freeze({ ...asked, ...defined({ channelId, handle }) }) as Ref<N>;
  const hints = { raw, evidence: finding.evidence };
  const wrong = finding.status === 'unknown' ? undefined : contradiction(matter, asked, finding);
  if (wrong !== undefined) {
    const cause = new PolyrailError('REPLY_UNVERIFIED', wrong, { doubt: 'contradicts-request' });
    return doubtful(matter, asked, { doubt: 'contradicts-request', cause, ...hints });
  }
  if (!believable(matter, finding)) {
    return doubtful(matter, asked, { doubt: 'unverified-reply', ...hints });
  }
  if (finding.status === 'unknown') {
    const proven = finding.doubt !== 'not-found' || proves(matter, finding.evidence, 'refusal');
    const doubt = proven ? finding.doubt : 'unverified-reply';
    return doubtful(matter, ref, { ...finding, ...hints, doubt });
  }
  return freeze({
    noun: asked.noun,
    ref,
    observedAt: matter.observedAt,
    ...defined(facts),
    ...(raw === undefined ? {} : { raw: redact(raw, matter.secretFields) }),
  }) as unknown as Outcome<N>;
}
