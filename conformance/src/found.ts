/** conformance · found: what a site was found to be good for, before the first law about it. */
import type { Ref, Scene, SignUpScene } from '@polyrail/core';

/** What was found out once and is true for every law on the site. */
export interface Found {
  /** Scenes whose call talks to the channel; the others hand the order to the payer. */
  readonly pay: readonly Scene[];
  readonly authorize: readonly Scene[];
  readonly signUp: readonly SignUpScene[];
  /** An agreement that the first merchant may charge. */
  readonly agreement?: Ref<'agreement'>;
}

const nothing: Found = { pay: [], authorize: [], signUp: [] };

const findings = new WeakMap<object, Found>();

export const isExplored = (site: object): boolean => findings.has(site);

export const foundOn = (site: object): Found => findings.get(site) ?? nothing;

/** Adds to what is known about a site. */
export function note(site: object, found: Partial<Found>): void {
  findings.set(site, { ...foundOn(site), ...found });
}
