/** core · validate: strict in. Names the field, the rule and the masked value of what was wrong. */
import type * as z from 'zod/mini';
import type { Capabilities, IdRule, TextRule } from './capabilities.ts';
import { PolyrailError } from './errors.ts';
import { dayOf, epochMsOf } from './instant.ts';
import type { Money } from './money.ts';
import { maskText } from './redact.ts';
import { isSecret } from './secret.ts';

type Issue = z.core.$ZodIssue;

const pathOf = (path: readonly PropertyKey[]): string => path.map(String).join('.');

function shown(value: unknown): string {
  if (isSecret(value)) return '[secret]';
  if (typeof value === 'string') return maskText(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
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
  const got = value === undefined ? '' : ` (got ${shown(value)})`;
  return new PolyrailError('REQUEST_INVALID', `${field || 'request'} ${rule}${got}`, { field });
}

/** Checks a value to the letter; the first offence is thrown as `REQUEST_INVALID`. */
export function requireValid<T>(schema: z.ZodMiniType<T>, value: unknown, prefix = ''): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0] as Issue;
  const unknownKeys = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...issue.path, ...unknownKeys];
  const field = [prefix, pathOf(path)].filter((part) => part !== '').join('.');
  const missing = issue.code === 'invalid_type' && valueAt(value, path) === undefined;
  throw missing
    ? invalid(field, `is required and ${ruleOf(issue)}`)
    : invalid(field, ruleOf(issue), valueAt(value, path));
}

function checkId(field: string, id: unknown, rule: IdRule | undefined): void {
  if (typeof id !== 'string' || rule === undefined) return;
  if (id.length > rule.maxLength) {
    throw invalid(field, `must have at most ${rule.maxLength} characters`, id);
  }
  if (!new RegExp(`^(?:${rule.pattern})$`, 'u').test(id)) {
    throw invalid(field, `must match ${rule.pattern}`, id);
  }
}

function checkText(field: string, text: unknown, rule: TextRule | undefined): void {
  if (typeof text !== 'string' || rule === undefined) return;
  if ([...text].length > rule.maxLength) {
    throw invalid(field, `must have at most ${rule.maxLength} characters`, text);
  }
  const found = [...(rule.forbidden ?? '')].find((character) => text.includes(character));
  if (found !== undefined) throw invalid(field, `must not contain ${JSON.stringify(found)}`, text);
}

function checkMoney(amount: Money | undefined, capabilities: Capabilities): void {
  if (amount === undefined) return;
  if (!capabilities.currencies.includes(amount.currency)) {
    const known = capabilities.currencies.join(', ');
    throw invalid('amount.currency', `must be ${known} on this channel`, amount.currency);
  }
  const bounds = capabilities.amount;
  if (bounds && (amount.amount < bounds.min || amount.amount > bounds.max)) {
    const rule = `must be between ${bounds.min} and ${bounds.max} minor units`;
    throw invalid('amount.amount', rule, amount.amount);
  }
}

interface Checkable {
  readonly amount?: Money;
  readonly description?: string;
  readonly note?: string;
  readonly attachment?: string;
  readonly startedAt?: string;
  readonly expiresAt?: string;
  readonly kind?: 'trade' | 'funds';
  readonly date?: string;
}

/** What the channel's capabilities exclude is refused before anything is sent. */
export function requireCapable(request: unknown, capabilities: Capabilities, nowMs: number): void {
  if (typeof request !== 'object' || request === null) return;
  const ids = {
    merchantPaymentId: capabilities.merchantPaymentId,
    merchantRefundId: capabilities.merchantRefundId,
    merchantCancelId: capabilities.merchantCancelId,
    merchantAgreementId: capabilities.merchantAgreementId,
    merchantPayoutId: capabilities.merchantPayoutId,
  };
  for (const [field, rule] of Object.entries(ids))
    checkId(field, Reflect.get(request, field), rule);
  const checked = request as Checkable;
  checkMoney(checked.amount, capabilities);
  checkText('description', checked.description, capabilities.description);
  checkText('attachment', checked.attachment, capabilities.attachment);
  const expiresAtMs = checked.expiresAt === undefined ? undefined : epochMsOf(checked.expiresAt);
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) {
    throw invalid('expiresAt', 'must lie in the future', checked.expiresAt);
  }
  if (checked.date !== undefined) requireStatement(checked, capabilities, nowMs);
}

function requireStatement(request: Checkable, capabilities: Capabilities, nowMs: number): void {
  const kinds = Object.keys(capabilities.statements ?? {});
  if (request.kind !== undefined && !kinds.includes(request.kind)) {
    const message = `kind must be ${kinds.join(' or ')} on this channel`;
    throw new PolyrailError('UNSUPPORTED', message, { field: 'kind' });
  }
  const today = dayOf(nowMs, capabilities.timeZone, capabilities.dayEndsAt);
  if (request.date !== undefined && request.date > today) {
    throw new PolyrailError(
      'REQUEST_INVALID',
      `date must not lie in the future: today is ${today} in ${capabilities.timeZone}`,
      { field: 'date' },
    );
  }
}
