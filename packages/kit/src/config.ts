/** kit · config: a merchant's configuration, checked to the letter, and blamed by its member. */
import { PolyrailError } from '@polyrail/core';

/** A rule that the configuration breaks, with the member to blame. Never quotes a value. */
export const badConfig = (member: string, message: string): PolyrailError => {
  const field = member === '' ? 'config' : `config.${member}`;
  return new PolyrailError('CONFIG_INVALID', `${field} ${message}`, { field });
};

interface Issue {
  readonly code?: string | undefined;
  readonly path?: readonly PropertyKey[] | undefined;
  readonly message: string;
  readonly keys?: readonly string[];
}

/** What a strict schema of zod's `safeParse` gives. */
export interface ParsedConfig {
  readonly success: boolean;
  readonly error?: { readonly issues: readonly Issue[] } | undefined;
}

/** @throws PolyrailError `CONFIG_INVALID`, naming the first member that breaks its rule */
export function requireConfig({ success, error }: ParsedConfig): void {
  if (success) return;
  const [issue] = error?.issues ?? [];
  const unknown = issue?.code === 'unrecognized_keys' ? (issue.keys ?? []).slice(0, 1) : [];
  const member = [...(issue?.path ?? []), ...unknown].map(String).join('.');
  const isUnknown = unknown.length > 0;
  throw badConfig(member, isUnknown ? 'is not known here: mind the spelling' : `${issue?.message}`);
}
