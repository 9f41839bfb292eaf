/** conformance · exposure: whether a secret can be read off a value, by whatever way it is printed. */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';

/** The forms in which a secret may turn up: whole, line by line, and encoded. */
export function needlesOf(secrets: readonly string[]): readonly string[] {
  const parts = secrets.flatMap((secret) => [secret, ...secret.split(/\r?\n/)]);
  const bare = parts.filter((part) => part.trim().length >= 8 && !part.startsWith('-----'));
  const encoded = bare.flatMap((part) => [
    part,
    encodeURIComponent(part),
    Buffer.from(part).toString('base64'),
    Buffer.from(part).toString('hex'),
    JSON.stringify(part).slice(1, -1),
  ]);
  return [...new Set(encoded)];
}

function causesOf(value: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (let at = value; typeof at === 'object' && at !== null && chain.length < 20; ) {
    chain.push(at);
    at = Reflect.get(at, 'cause');
  }
  return chain;
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}

/** Everything that printing a value might show: inspection, JSON, message, stack, causes. */
export function printed(value: unknown): string {
  const options = { depth: 20, showHidden: true, getters: true, maxStringLength: null } as const;
  return causesOf(value)
    .flatMap((one) => {
      const { message, stack } = one as { message?: unknown; stack?: unknown };
      return [inspect(one, { ...options, maxArrayLength: null }), jsonOf(one), message, stack];
    })
    .join('\n');
}

/** Refuses a value off which a secret can be read. The failure does not repeat the secret. */
export function requireHidden(value: unknown, needles: readonly string[], where: string): void {
  const text = typeof value === 'string' ? value : printed(value);
  for (const needle of needles) {
    const at = text.indexOf(needle);
    const before = text.slice(Math.max(0, at - 60), Math.max(0, at));
    assert.ok(at < 0, `${where}: a secret of ${needle.length} characters stands after "${before}"`);
  }
}
