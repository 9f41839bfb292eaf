/** Test aid: the reference channel with one mistake built in, to see that a law notices it. */
import type { Channel, Context } from '@polyrail/core';
import type { Site, Subject } from '../src/subject.ts';
import { honestParts, type Parts } from './reference/channel/parts.ts';
import { referenceSubject } from './reference/subject.ts';

/** One plausible mistake of an adapter's author, and the law that must notice it. */
export interface Mutant {
  /** The id of the law that must fail. */
  readonly law: string;
  /** What the mutant does wrong, as a predicate: `rounds cents through floats`. */
  readonly what: string;
  /** Parts of the adapter replaced, below the guard. */
  readonly parts?: (honest: Parts) => Partial<Parts>;
  /** What the adapter's context becomes before the adapter sees it. */
  readonly context?: (context: Context) => Context;
  /** What the adapter makes of its configuration before it checks it. */
  readonly credentials?: (credentials: unknown) => unknown;
  /** The channel as the merchant gets it, around or in place of the guard's verbs. */
  readonly channel?: (channel: Channel, context: Context, site: Site) => object;
}

/** The reference subject with the mutant's mistake in it. */
export function mutate(mutant: Mutant): Subject {
  const honest = referenceSubject({ parts: { ...honestParts, ...mutant.parts?.(honestParts) } });
  return {
    ...honest,
    name: `acme that ${mutant.what}`,
    create(site, context, credentials) {
      const given = mutant.context?.(context) ?? context;
      const own = mutant.credentials ? mutant.credentials(credentials) : credentials;
      const channel = honest.create(site, given, own);
      const wrong = mutant.channel?.(channel, given, site);
      return wrong === undefined ? channel : (Object.freeze(wrong) as Channel);
    },
  };
}
