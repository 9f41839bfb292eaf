/** core · plain: makes results plain data that survives JSON unchanged, frozen all the way down. */
import { isPolyrailError } from './errors.ts';

const maximumDepth = 32;

function refuse(what: string): never {
  throw new TypeError(`A result cannot hold ${what}: it would not survive JSON`);
}

function copyOf(node: unknown, depth: number): unknown {
  if (typeof node === 'string' || typeof node === 'boolean') return node;
  // Adding zero takes the sign off a negative zero, which JSON does not know.
  if (typeof node === 'number') return Number.isFinite(node) ? node + 0 : refuse('such a number');
  if (typeof node !== 'object') return refuse(`a value of type ${typeof node}`);
  if (node === null || isPolyrailError(node)) return node;
  if (depth > maximumDepth) return refuse('data nested so deeply');
  if (Array.isArray(node))
    return Object.freeze(Array.from(node, (item) => copyOf(item, depth + 1)));
  const prototype: unknown = Object.getPrototypeOf(node);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    refuse('an object of a class');
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(node)) {
    const item = (node as Record<string, unknown>)[name];
    if (item !== undefined && name !== '__proto__') copy[name] = copyOf(item, depth + 1);
  }
  return Object.freeze(copy);
}

/**
 * A frozen deep copy without members that are `undefined`. What would not survive JSON throws a
 * `TypeError`; only an error of the contract may stand in a result, as its `cause`.
 */
export const plain = <T>(value: T): T => copyOf(value, 0) as T;

/** Freezes plain data in place, all the way down; bytes are left as they are. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const name of Object.keys(value)) {
    const item: unknown = (value as Record<string, unknown>)[name];
    if (typeof item === 'object') freeze(item);
  }
  return Object.freeze(value);
}
