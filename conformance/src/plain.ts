/** conformance · plain: whether a value is plain data - frozen throughout, unchanged by JSON. */
import assert from 'node:assert/strict';
import { isPolyrailError } from '@polyrail/core';

/** The errors in a result are errors: they print, but do not come back out of JSON. */
function withoutErrors(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutErrors);
  const kept = Object.entries(value).filter(([, item]) => !isPolyrailError(item));
  return Object.fromEntries(kept.map(([name, item]) => [name, withoutErrors(item)]));
}

function requireFrozen(value: unknown, where: string): void {
  if (typeof value !== 'object' || value === null || isPolyrailError(value)) return;
  assert.ok(Object.isFrozen(value), `${where} is not frozen`);
  for (const [name, item] of Object.entries(value)) requireFrozen(item, `${where}.${name}`);
}

/** Refuses what JSON would change, and what somebody could change. */
export function requirePlain(value: unknown, where: string): void {
  requireFrozen(value, where);
  const data = withoutErrors(value);
  let copy: unknown;
  try {
    copy = JSON.parse(JSON.stringify(data));
  } catch (error) {
    assert.fail(`${where} cannot be written as JSON: ${String(error).slice(0, 120)}`);
  }
  assert.deepEqual(copy, data, `${where} does not survive JSON`);
}
