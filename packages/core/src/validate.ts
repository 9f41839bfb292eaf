/** core · validate: strict in. Names the field, the rule and the masked value of what was wrong. */
import type * as z from 'zod/mini';
import type { Capabilities, IdRule, TextRule } from './capabilities.ts';
import { PolyrailError } from './errors.ts';
import { dayOf, epochMsOf } from './instant.ts';
import type { Money } from './money.ts';
import { secretRule } from './payment.ts';
import { freeze } from './plain.ts';
import { isSecretName, maskText } from './redact.ts';
import { isSecret, type Secret } from './secret.ts';

type Issue = z.core.$ZodIssue;

const pathOf = (path: readonly PropertyKey[]): string => path.map(String).join('.');

/** Numbers of these members are never an id, a card or a code. */
const openMember = /^amount$|Ms$/;

/** A value as a message may say it: nothing of a secret, the ends of what is long. */
function shown(value: unknown, member: string): string {
  if (isSecret(value) || isSecretName(member)) return '[secret]';
  if (typeof value === 'string') return maskText(value);
  if (typeof value === 'number') {
    const text = String(value);
    return text.length < 8 || openMember.test(member) ? text : maskText(text);
  }
  if (typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Reflect.get(found, key);
  }
  return found;
}

/** The rule behind a zod issue, in words. `zod/mini` carries no messages of its own. */
function ruleOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message === 'Invalid input' ? `must be ${issue.expected}` : issue.message;
    case 'too_small':
      return issue.origin === 'string'
        ? `must have at least ${issue.minimum} character`
        : `must be at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `must have at most ${issue.maximum} characters`
        : `must be at most ${issue.maximum}`;
    case 'unrecognized_keys':
      return 'is not known here: remove it or mind the spelling';
    case 'invalid_value':
      return issue.message === 'Invalid input'
        ? `must be ${issue.values.map(String).join(' or ')}`
        : issue.message;
    case 'invalid_format':
      return issue.message === 'Invalid input' ? `must be a ${issue.format}` : issue.message;
    default:
      return issue.message === 'Invalid input' ? 'has a wrong form' : issue.message;
  }
}

/** Builds the typed error for one offending field. */
export function invalid(field: string, rule: string, value?: unknown): PolyrailError {
  const member = field.slice(field.lastIndexOf('.') + 1);
  const got = value === undefined ? '' : ` (got ${shown(value, member)})`;
  return new PolyrailError('REQUEST_INVALID', `${field || 'request'} ${rule}${got}`, { field });
}

/** Whatever messages the application taught zod: they may repeat what nobody should read. */
const ownWords = { error: () => 'Invalid input' };

/** Checks a value to the letter; the first offence is thrown as `REQUEST_INVALID`. */
export function requireValid<T>(schema: z.ZodMiniType<T>, value: unknown, prefix = ''): T {
  const parsed = schema.safeParse(value, ownWords);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0] as Issue;
  const unknownKeys = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...issue.path, ...unknownKeys];
  const field = [prefix, pathOf(path)].filter((part) => part !== '').join('.');
  const found = valueAt(value, path);
  const missing = issue.code === 'invalid_type' && found === undefined;
  if (missing) throw invalid(field, `is required and ${ruleOf(issue)}`);
  throw invalid(field, ruleOf(issue), issue.message === secretRule ? undefined : found);
}

interface Rules {
  readonly ids: readonly (readonly [field: string, rule: IdRule, pattern: RegExp])[];
  readonly texts: readonly (readonly [field: string, rule: TextRule, forbidden: string[]])[];
}

const knownRules = new WeakMap<Capabilities, Rules>();

const idFields = [
  'merchantPaymentId',
  'merchantRefundId',
  'merchantCancelId',
  'merchantAgreementId',
  'merchantPayoutId',
] as const;

/**
 * The rules of a channel, made once for all channels that share their capabilities.
 *
 * @throws for an author's mistake: a pattern, a time zone or a time of day that is none
 */
export function rulesOf(capabilities: Capabilities): Rules {
  const known = knownRules.get(capabilities);
  if (known !== undefined) return known;
  dayOf(0, capabilities.timeZone, capabilities.dayEndsAt);
  const made: Rules = {
    ids: idFields.flatMap((field) => {
      const rule = capabilities[field];
      return rule ? [[field, rule, new RegExp(`^(?:${rule.pattern})$`, 'u')] as const] : [];
    }),
    texts: (['description', 'attachment'] as const).flatMap((field) => {
      const rule = capabilities[field];
      return rule ? [[field, rule, [...(rule.forbidden ?? '')]] as const] : [];
    }),
  };
  knownRules.set(freeze(capabilities), made);
  return made;
}

function checkNames(request: object, rules: Rules): void {
  for (const [field, rule, pattern] of rules.ids) {
    const id: unknown = Reflect.get(request, field);
    if (typeof id !== 'string') continue;
    if (id.length > rule.maxLength) {
      throw invalid(field, `must have at most ${rule.maxLength} characters`, id);
    }
    if (!pattern.test(id)) throw invalid(field, `must match ${rule.pattern}`, id);
  }
  for (const [field, rule, forbidden] of rules.texts) {
    const text: unknown = Reflect.get(request, field);
    if (typeof text !== 'string') continue;
    if (text.length > rule.maxLength && [...text].length > rule.maxLength) {
      throw invalid(field, `must have at most ${rule.maxLength} characters`, text);
    }
    const found = forbidden.find((character) => text.includes(character));
    if (found !== undefined)
      throw invalid(field, `must not contain ${JSON.stringify(found)}`, text);
  }
}

function checkMoney(request: Checkable, capabilities: Capabilities): void {
  const { amount, merchantPaymentId, payment, authorization } = request;
  if (amount === undefined) return;
  if (!capabilities.currencies.includes(amount.currency)) {
    const known = capabilities.currencies.join(', ');
    throw invalid('amount.currency', `must be ${known} on this channel`, amount.currency);
  }
  const begun = (payment ?? authorization)?.amount?.currency;
  if (begun !== undefined && begun !== amount.currency) {
    throw invalid('amount.currency', `must be ${begun} as what it refers to`, amount.currency);
  }
  const bounds = merchantPaymentId === undefined ? undefined : capabilities.amount;
  if (bounds && (amount.amount < bounds.min || amount.amount > bounds.max)) {
    const rule = `must be between ${bounds.min} and ${bounds.max} minor units`;
    throw invalid('amount.amount', rule, amount.amount);
  }
}

function checkRefund(request: Checkable, capabilities: Capabilities): void {
  const { amount, merchantRefundId, payment } = request;
  if (capabilities.partialRefunds !== false || merchantRefundId === undefined) return;
  const paid = payment?.amount?.amount;
  if (paid === undefined || amount === undefined || amount.amount === paid) return;
  const message = `amount.amount must be ${paid}: this channel refunds in full only`;
  throw new PolyrailError('UNSUPPORTED', message, { field: 'amount.amount' });
}

/** What is held only as a whole: captured once, and released at once or not at all. */
function checkHold(request: Checkable, capabilities: Capabilities): void {
  const { amount, authorization, final, merchantCancelId } = request;
  if (authorization === undefined) return;
  if (final === false && capabilities.partialCaptures === false) {
    const message = 'final must be true: this channel captures an authorization once';
    throw new PolyrailError('UNSUPPORTED', message, { field: 'final' });
  }
  if (capabilities.partialReleases !== false || merchantCancelId === undefined) return;
  const held = authorization.amount?.amount;
  if (held === undefined || amount === undefined || amount.amount === held) return;
  const message = `amount.amount must be ${held}: this channel releases as a whole only`;
  throw new PolyrailError('UNSUPPORTED', message, { field: 'amount.amount' });
}

function checkFactors(request: Checkable, capabilities: Capabilities): void {
  if (request.otp === undefined || request.card !== undefined) return;
  const { confirmSignUp, confirmPay } = capabilities;
  const factors = request.agreement === undefined ? confirmPay : confirmSignUp;
  if (factors !== 'otp-and-card') return;
  throw invalid('card', 'is required: this channel asks for the card with the code again');
}

interface Checkable {
  readonly amount?: Money;
  readonly merchantRefundId?: string;
  readonly otp?: Secret;
  readonly card?: object;
  readonly agreement?: object;
  readonly merchantPaymentId?: string;
  readonly merchantCancelId?: string;
  readonly final?: boolean;
  readonly payment?: { readonly amount?: Money };
  readonly authorization?: { readonly amount?: Money };
  readonly expiresAt?: string;
  readonly kind?: 'trade' | 'funds';
  readonly date?: string;
}

/** What the channel's capabilities exclude is refused before anything is sent. */
export function requireCapable(request: unknown, capabilities: Capabilities, nowMs: number): void {
  if (typeof request !== 'object' || request === null) return;
  checkNames(request, rulesOf(capabilities));
  const checked = request as Checkable;
  checkMoney(checked, capabilities);
  checkRefund(checked, capabilities);
  checkHold(checked, capabilities);
  checkFactors(checked, capabilities);
  const expiresAtMs = checked.expiresAt === undefined ? undefined : epochMsOf(checked.expiresAt);
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) {
    throw invalid('expiresAt', 'must lie in the future', checked.expiresAt);
  }
  if (checked.date !== undefined) requireStatement(checked, capabilities, nowMs);
}

function requireStatement(request: Checkable, capabilities: Capabilities, nowMs: number): void {
  const kinds = Object.keys(capabilities.statements ?? {});
  if (request.kind !== undefined && !kinds.includes(request.kind)) {
    const message = `kind must be ${kinds.join(' or ') || 'left out: there are none'} on this channel`;
    throw new PolyrailError('UNSUPPORTED', message, { field: 'kind' });
  }
  const { timeZone, dayEndsAt } = capabilities;
  const today = dayOf(nowMs, timeZone, dayEndsAt);
  if (request.date !== undefined && request.date > today) {
    const rule = `must not lie in the future: today is ${today} in ${timeZone}`;
    throw invalid('date', rule, request.date);
  }
}
