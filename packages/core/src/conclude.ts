/** core · conclude: turns an adapter's finding, or its failure, into an outcome that may be believed. */
import type { Capabilities } from './capabilities.ts';
import { type Code, isPolyrailError, PolyrailError, type PolyrailErrorFields } from './errors.ts';
import { defect, located, neverSent, type Place, renamed } from './failure.ts';
import type { Instant } from './instant.ts';
import type { Money } from './money.ts';
import type { Outcome } from './outcome.ts';
import { plain } from './plain.ts';
import { type Doubt, doubts, type Evidence } from './reason.ts';
import { redactorOf } from './redact.ts';
import type { Noun, Ref } from './ref.ts';
import type { Finding } from './supply.ts';
import type { Family } from './verbs.ts';
import { malformed } from './wellformed.ts';

/** One call as the guard sees it. */
export interface Matter extends Place {
  readonly family: Family;
  readonly capabilities: Capabilities;
  readonly secretFields: readonly string[] | undefined;
  readonly observedAt: Instant;
  /** Whether the first byte may have left. */
  readonly sent: boolean;
  /** What an undoing may give back at most, where the request tells. */
  readonly within?: Money | undefined;
}

const doubtOf: { readonly [C in Code]?: Doubt } = {
  UNAVAILABLE: 'no-reply',
  ABORTED: 'no-reply',
  // Of an exchange that came after the one that moved.
  NOT_SENT: 'no-reply',
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

/** Codes about a request: of a reply that cannot be read they would blame the merchant. */
const ownWords: ReadonlySet<Code> = new Set(['REQUEST_INVALID', 'UNSUPPORTED']);

/** Whether evidence of this grade proves this answer on this channel. */
export function proves(matter: Matter, evidence: Evidence, answer: 'refusal' | 'other'): boolean {
  if (evidence === 'signed') return true;
  if (evidence !== 'transport') return false;
  if (matter.capabilities.sealing === 'transport') return true;
  return answer === 'refusal' && (matter.capabilities.unsigned ?? []).includes(matter.verb);
}

/** The error to throw, or the doubt to return. */
function concludeFailure<N extends Noun>(
  matter: Matter,
  ref: Ref<N>,
  error: unknown,
): Outcome<N> | PolyrailError {
  const known = isPolyrailError(error) ? error : undefined;
  if (known?.code === 'REFUSED' && proves(matter, known.evidence ?? 'none', 'refusal')) {
    return located(known, matter);
  }
  if (!matter.sent) {
    if (known && harmlessBefore.has(known.code)) return located(known, matter);
    return neverSent(matter, error);
  }
  const refusedUnverified = known?.code === 'REFUSED' ? ('unverified-reply' as const) : undefined;
  const told = doubts.find((doubt) => doubt === known?.doubt);
  const doubt = known ? (told ?? refusedUnverified ?? doubtOf[known.code]) : undefined;
  return inDoubt(matter, ref, { doubt: doubt ?? 'defect', cause: error });
}

/**
 * What an error of the adapter means for a verb that moves or changes: the error to throw, or an
 * outcome in doubt. An error that cannot even be looked at means the same as any other defect.
 */
export function concludeError<N extends Noun>(
  matter: Matter,
  ref: Ref<N>,
  error: unknown,
): Outcome<N> | PolyrailError {
  try {
    return concludeFailure(matter, ref, error);
  } catch {
    return matter.sent ? inDefect(matter, ref, undefined) : neverSent(matter, undefined);
  }
}

/** What an error of the adapter means for a verb that only reads. */
export function readingError(matter: Matter, error: unknown): PolyrailError {
  if (!isPolyrailError(error)) return defect(matter, error, 'INTERNAL');
  if (matter.sent && ownWords.has(error.code)) return renamed(matter, error, 'INTERNAL');
  if (readingCodes.has(error.code)) return located(error, matter);
  if (error.code === 'REFUSED' && proves(matter, error.evidence ?? 'none', 'refusal')) {
    return located(error, matter);
  }
  const code = error.code === 'REFUSED' ? 'REPLY_UNVERIFIED' : 'INTERNAL';
  return renamed(matter, error, code);
}

interface Doubtful {
  readonly doubt: Doubt;
  readonly cause?: unknown;
  readonly raw?: unknown;
  readonly evidence?: Evidence;
  readonly channelCode?: string | undefined;
  readonly channelMessage?: string | undefined;
}

const locatedCause = (matter: Matter, cause: unknown): PolyrailError | undefined => {
  if (cause === undefined) return undefined;
  return isPolyrailError(cause) ? located(cause, matter) : defect(matter, cause, 'INTERNAL');
};

/** What the channel answered, redacted; an answer that cannot even be copied changes no outcome. */
function rawOf(matter: Matter, raw: unknown): { readonly raw?: unknown } {
  if (raw === undefined) return {};
  try {
    return { raw: redactorOf(matter.secretFields)(raw) };
  } catch {
    return { raw: '[unreadable]' };
  }
}

function inDoubt<N extends Noun>(matter: Matter, ref: Ref<N>, told: Doubtful): Outcome<N> {
  const { doubt, channelCode, channelMessage } = told;
  const outcome = plain({
    noun: ref.noun,
    status: 'unknown' as const,
    ref,
    evidence: told.evidence ?? 'none',
    observedAt: matter.observedAt,
    doubt,
    cause: locatedCause(matter, told.cause),
    channelCode,
    channelMessage,
  });
  return Object.freeze({ ...outcome, ...rawOf(matter, told.raw) }) as Outcome<N>;
}

/** The end of a call whose answer could not even be concluded: whatever happened is not known. */
export function inDefect<N extends Noun>(matter: Matter, ref: Ref<N>, error: unknown): Outcome<N> {
  try {
    return inDoubt(matter, ref, { doubt: 'defect', cause: error });
  } catch {
    return inDoubt(matter, ref, { doubt: 'defect' });
  }
}

/** Nouns of which a channel may approve less than was asked for. */
const approvedNouns: ReadonlySet<Noun> = new Set(['payment', 'authorization']);

const exceeds = (told: Money, bound: Money): boolean =>
  told.currency !== bound.currency || told.amount > bound.amount;

function sameAsAsked(matter: Matter, asked: Ref<Noun> & { amount: Money }, told: Money): boolean {
  if (told.amount === asked.amount.amount) return true;
  const partial = matter.capabilities.partialApproval === true && approvedNouns.has(asked.noun);
  return partial && told.amount < asked.amount.amount;
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
  const { amount: told, undone } = finding as { amount?: Money; undone?: { amount: Money } };
  if (told === undefined) return undefined;
  if (undone !== undefined && exceeds(undone.amount, told)) {
    return 'The answer gives back more than was paid, or another currency';
  }
  if (matter.within !== undefined && exceeds(told, matter.within)) {
    return 'The answer undoes more than there was, or another currency';
  }
  const { amount } = ref;
  if (amount === undefined) return undefined;
  if (told.currency !== amount.currency) return 'The answer names another currency';
  return sameAsAsked(matter, { ...ref, amount }, told)
    ? undefined
    : 'The answer names another amount';
}

/** Most unknown ends say nothing that could contradict; that an id is not known is about that id. */
const isComparable = (finding: Finding<Noun>): boolean =>
  finding.status !== 'unknown' || finding.doubt === 'not-found';

/** Whether the evidence carries what the finding claims. */
function believable<N extends Noun>(matter: Matter, finding: Finding<N>): boolean {
  switch (finding.status) {
    case 'succeeded':
      return proves(matter, finding.evidence, 'other');
    case 'failed':
      return proves(matter, finding.evidence, 'refusal');
    case 'pending':
      // Handing the order to the payer needs no exchange, and so no evidence.
      if (matter.family !== 'reading' && !matter.sent) return true;
      return proves(matter, finding.evidence, 'other');
    case 'unknown':
      return true;
  }
}

function doubtful<N extends Noun>(matter: Matter, ref: Ref<N>, told: Doubtful): Outcome<N> {
  const absent = told.doubt === 'not-found' && matter.family === 'reading';
  if (matter.family !== 'reading' || absent) return inDoubt(matter, ref, told);
  const { channelCode, channelMessage, doubt } = told;
  const message = isPolyrailError(told.cause)
    ? told.cause.message
    : `The answer cannot be believed: ${doubt}`;
  const fields = { channelCode, channelMessage, doubt } as PolyrailErrorFields;
  throw located(new PolyrailError(codeOf[doubt], message, fields), matter);
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
  const fault = malformed(asked.noun, finding);
  if (fault !== undefined) {
    const message = `The adapter's finding is malformed: ${fault}`;
    const cause = new PolyrailError('INTERNAL', message, { doubt: 'defect' });
    return doubtful(matter, asked, { doubt: 'defect', cause });
  }
  const { noun: _noun, ref: _ref, observedAt: _at, merchantId: _id, ...told } = finding;
  const { channelId, handle, raw, ...facts } = told;
  const hints = { raw, evidence: finding.evidence };
  const wrong = isComparable(finding) ? contradiction(matter, asked, finding) : undefined;
  if (wrong !== undefined) {
    const cause = new PolyrailError('REPLY_UNVERIFIED', wrong, { doubt: 'contradicts-request' });
    return doubtful(matter, asked, { doubt: 'contradicts-request', cause, ...hints });
  }
  if (!believable(matter, finding)) {
    return doubtful(matter, asked, { doubt: 'unverified-reply', ...hints });
  }
  const ref: Ref<N> = {
    ...asked,
    // An empty id names nothing, and no later verb would take it.
    ...(channelId ? { channelId } : {}),
    ...(handle === undefined ? {} : { handle }),
  };
  if (finding.status === 'unknown') {
    const proven = finding.doubt !== 'not-found' || proves(matter, finding.evidence, 'refusal');
    const doubt = proven ? finding.doubt : 'unverified-reply';
    return doubtful(matter, ref, { ...finding, ...hints, doubt });
  }
  const outcome = plain({ noun: asked.noun, ref, observedAt: matter.observedAt, ...facts });
  return Object.freeze({ ...outcome, ...rawOf(matter, raw) }) as unknown as Outcome<N>;
}
