/** conformance · plan: which laws apply to a channel, read from its verbs and capabilities. */
import type { Channel } from '@polyrail/core';
import type { Law } from './law.ts';
import type { Subject } from './subject.ts';

/** Why a law has nothing to say about a channel; `undefined` when it applies. */
export function reasonAgainst(law: Law, channel: Channel): string | undefined {
  const missing = (law.verbs ?? []).filter((verb) => channel[verb] === undefined);
  if (missing.length > 0) return `the channel has no ${missing.join(', ')}`;
  return law.unless?.(channel);
}

/**
 * Refuses waivers that name no law or give no reason: a waiver is an argument, not a switch.
 *
 * @throws TypeError naming the waiver
 */
export function checkWaivers(subject: Subject, laws: readonly Law[]): void {
  for (const [id, reason] of Object.entries(subject.waive ?? {})) {
    if (!laws.some((law) => law.id === id)) {
      throw new TypeError(`waive: there is no law ${id}; the laws are in LAWS.md`);
    }
    if (typeof reason !== 'string' || reason.trim().length < 10) {
      throw new TypeError(`waive: ${id} needs its reason, in words (10 characters at least)`);
    }
  }
}
