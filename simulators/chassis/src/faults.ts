/**
 * simulator · faults: what may go wrong, as data - armed, counted, seeded, and refused when
 * misspelt.
 */
import { closest, problem } from './problem.ts';
import type { SeededRandom } from './random.ts';

export const faultNames = [
  'refuse-connection',
  'drop-request',
  'drop-reply',
  'delay',
  'reset-mid-body',
  'server-error',
  'garbage-body',
  'truncate-body',
  'bad-signature',
  'foreign-signature',
  'stale-timestamp',
  'wrong-amount',
  'wrong-order',
  'duplicate-notification',
  'late-notification',
  'reordered-notifications',
  'lost-notification',
  'forged-notification',
  'rate-limit',
  'maintenance',
  'key-rotation',
] as const;
export type FaultName = (typeof faultNames)[number];

export interface FaultRule {
  /** One of `faultNames`, or a story of the channel's own. */
  readonly fault: FaultName | (string & {});
  /** The operation it concerns, exact or with `*`; default: every one. */
  readonly operation?: string;
  /** The merchant's order id it concerns; default: every one. */
  readonly id?: string;
  /** How often it strikes. Default 1. */
  readonly times?: number;
  /** How many matching occasions pass unharmed first. Default 0. */
  readonly skip?: number;
  /** How likely it strikes at a matching occasion, 0 to 1, from the seed. Default 1. */
  readonly probability?: number;
  readonly delayMs?: number;
  readonly [detail: string]: unknown;
}

/** A rule in the book. `id` is the merchant's order id, `ruleId` the rule's own. */
export type ArmedFault = FaultRule & { readonly ruleId: string; readonly hits: number };

export interface FaultSubject {
  readonly operation: string;
  readonly id?: string;
}

export interface FaultBook {
  /** Returns the rule's id. Unknown names and details are refused, naming the known ones. */
  arm(rule: FaultRule): string;
  disarm(ruleId: string): boolean;
  clear(): void;
  /** Every rule, those that have struck out included. */
  list(): readonly ArmedFault[];
  /** The first armed rule of that name that strikes this occasion; counts the occasion. */
  take(name: string, subject: FaultSubject): FaultRule | undefined;
}

/** A fault only this channel has; with a generic name it adds details to that fault. */
export interface Story {
  readonly name: string;
  readonly details?: readonly string[];
}

const general = ['fault', 'operation', 'id', 'times', 'skip', 'probability'] as const;

/** What else a rule of each fault may say. */
const details: Readonly<Record<FaultName, readonly string[]>> = {
  'refuse-connection': [],
  'drop-request': ['silent'],
  'drop-reply': ['silent'],
  delay: ['delayMs'],
  'reset-mid-body': ['afterBytes'],
  'server-error': ['status', 'body', 'performed'],
  'garbage-body': ['body'],
  'truncate-body': ['afterBytes'],
  'bad-signature': [],
  'foreign-signature': [],
  'stale-timestamp': ['ageMs'],
  'wrong-amount': ['amount'],
  'wrong-order': ['otherId'],
  'duplicate-notification': ['copies'],
  'late-notification': ['delayMs'],
  'reordered-notifications': ['delayMs'],
  'lost-notification': [],
  'forged-notification': [],
  'rate-limit': ['retryAfterMs'],
  maintenance: ['retryAfterMs'],
  'key-rotation': [],
};

type Check = { readonly rule: string; readonly holds: (value: unknown) => boolean };
const whole = (lowest: number, highest: number): Check => ({
  rule: `a whole number from ${lowest} to ${highest}`,
  holds: (value) =>
    value === Number.POSITIVE_INFINITY
      ? highest >= 1e9
      : Number.isSafeInteger(value) && Number(value) >= lowest && Number(value) <= highest,
});
const text: Check = {
  rule: 'a text of 1 to 256 characters',
  holds: (value) => typeof value === 'string' && value.length > 0 && value.length <= 256,
};
const flag: Check = { rule: 'true or false', holds: (value) => typeof value === 'boolean' };
const duration = whole(0, 366 * 86_400_000);

/** Rules for the members whose meaning is the chassis'; a channel judges its own. */
const checks: Readonly<Record<string, Check>> = {
  operation: text,
  id: text,
  times: whole(1, 1e9),
  skip: whole(0, 1e9),
  probability: {
    rule: 'a number from 0 to 1',
    holds: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  },
  delayMs: duration,
  retryAfterMs: duration,
  ageMs: duration,
  afterBytes: whole(0, 1e8),
  status: whole(500, 599),
  copies: whole(1, 100),
  silent: flag,
  performed: flag,
};

const numeric = new Set([
  'times',
  'skip',
  'probability',
  'delayMs',
  'retryAfterMs',
  'ageMs',
  'afterBytes',
  'status',
  'copies',
]);

/** A rule from form or query fields, where everything is text. */
export function ruleFromText(fields: Readonly<Record<string, unknown>>): FaultRule {
  const flags: Readonly<Record<string, boolean>> = { true: true, false: false };
  const entries = Object.entries(fields).map(([name, value]) => {
    if (typeof value !== 'string') return [name, value] as const;
    if (numeric.has(name) && value.trim() !== '') return [name, Number(value)] as const;
    return [name, checks[name] === flag ? (flags[value] ?? value) : value] as const;
  });
  const kept = entries.filter(([, value]) => value !== '' && value !== undefined);
  return { fault: '', ...Object.fromEntries(kept) };
}

const suggestion = (word: string, known: readonly string[]): string => {
  const meant = closest(word, known);
  return meant === undefined ? '' : ` Did you mean ${JSON.stringify(meant)}?`;
};

/** Refuses a rule with an unknown name or detail, or a value that cannot be meant. */
function checkRule(rule: FaultRule, known: ReadonlyMap<string, readonly string[]>): void {
  const names = [...known.keys()];
  const allowed = typeof rule.fault === 'string' ? known.get(rule.fault) : undefined;
  if (allowed === undefined) {
    const message = `No fault is called ${JSON.stringify(rule.fault)}.`;
    const meant = suggestion(String(rule.fault), names);
    throw problem({ field: 'fault', rule: `one of ${names.join(', ')}`, message: message + meant });
  }
  const members = [...general, ...allowed];
  for (const [field, value] of Object.entries(rule)) {
    if (!members.includes(field)) {
      const message = `${rule.fault} takes no ${JSON.stringify(field)}.`;
      const meant = suggestion(field, members);
      throw problem({ field, rule: `only ${members.join(', ')}`, message: message + meant });
    }
    const check = checks[field];
    if (check === undefined || value === undefined || check.holds(value)) continue;
    throw problem({
      field,
      rule: check.rule,
      message: `${field} cannot be ${JSON.stringify(value)}.`,
    });
  }
  const early = rule.fault === 'refuse-connection' && (rule.operation ?? rule.id) !== undefined;
  if (early) {
    const message = 'refuse-connection strikes before a byte is read: nothing is known to match.';
    throw problem({ field: 'operation', rule: 'neither operation nor id', message });
  }
}

function globOf(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

interface Armed {
  readonly ruleId: string;
  readonly rule: FaultRule;
  readonly operation: RegExp | undefined;
  readonly random: SeededRandom;
  seen: number;
  hits: number;
}

const maximumRules = 1_000;
const spent = (armed: Armed): boolean => armed.hits >= (armed.rule.times ?? 1);

function strikes(armed: Armed, subject: FaultSubject): boolean {
  const { rule } = armed;
  if (spent(armed)) return false;
  if (armed.operation !== undefined && !armed.operation.test(subject.operation)) return false;
  if (rule.id !== undefined && rule.id !== subject.id) return false;
  armed.seen += 1;
  if (armed.seen <= (rule.skip ?? 0)) return false;
  if (rule.probability !== undefined && !armed.random.chance(rule.probability)) return false;
  armed.hits += 1;
  return true;
}

export interface FaultBookOptions {
  readonly random: SeededRandom;
  readonly stories?: readonly (string | Story)[];
  /** Generic faults without a meaning on this channel: arming one is refused. */
  readonly meaningless?: readonly FaultName[];
  /** Told of every rule armed. */
  readonly onArm?: (rule: FaultRule) => void;
}

/** What may be armed, with the details each fault takes. */
export function knownFaults(
  options: Pick<FaultBookOptions, 'stories' | 'meaningless'>,
): ReadonlyMap<string, readonly string[]> {
  const known = new Map<string, readonly string[]>(Object.entries(details));
  for (const name of options.meaningless ?? []) known.delete(name);
  for (const story of options.stories ?? []) {
    const { name, details: own = [] } = typeof story === 'string' ? { name: story } : story;
    known.set(name, [...(known.get(name) ?? []), ...own]);
  }
  return known;
}

/** `options` may be a function: a channel's stories are known only once its simulator is made. */
export function createFaultBook(options: FaultBookOptions | (() => FaultBookOptions)): FaultBook {
  const read = typeof options === 'function' ? options : () => options;
  let armed: Armed[] = [];
  let count = 0;
  return {
    arm(rule) {
      const { random, onArm, ...rest } = read();
      checkRule(rule, knownFaults(rest));
      if (armed.length >= maximumRules) armed = armed.filter((other) => !spent(other));
      if (armed.length >= maximumRules) {
        const message = 'Too many faults are armed.';
        throw problem({ rule: `at most ${maximumRules}`, message });
      }
      const ruleId = `fault-${++count}`;
      const operation = rule.operation === undefined ? undefined : globOf(rule.operation);
      const kept = Object.freeze({ ...rule });
      armed.push({ ruleId, rule: kept, operation, random: random.fork(ruleId), seen: 0, hits: 0 });
      onArm?.(kept);
      return ruleId;
    },
    disarm(ruleId) {
      const before = armed.length;
      armed = armed.filter((other) => other.ruleId !== ruleId);
      return armed.length < before;
    },
    clear() {
      armed = [];
    },
    list: () => armed.map(({ rule, ruleId, hits }) => ({ ...rule, ruleId, hits })),
    take(name, subject) {
      // Asked dozens of times for every exchange, nearly always of an empty book.
      if (armed.length === 0) return undefined;
      return armed.find((other) => other.rule.fault === name && strikes(other, subject))?.rule;
    },
  };
}
