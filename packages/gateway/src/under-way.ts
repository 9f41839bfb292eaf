/** gateway · under way: calls that have begun, for a gateway that closes to let them end. */
import type { Clock } from '@polyrail/core';

/** A call ends by its deadline; one that does not is left as a process that dies would leave it, in ms. */
const longestWaitMs = 60_000;

type Verb = (...values: never[]) => Promise<unknown>;

export interface UnderWay {
  /** The same verb, each call of which counts until it has ended. */
  counted<V extends Verb>(verb: V): V;
  allCounted<V extends Readonly<Record<string, Verb>>>(verbs: V): V;
  /** Resolves once no call is under way, or a minute later. */
  ended(): Promise<void>;
}

async function allOf(calls: ReadonlySet<Promise<unknown>>): Promise<void> {
  while (calls.size > 0) await Promise.allSettled(calls);
}

export function createUnderWay(clock: Clock): UnderWay {
  const calls = new Set<Promise<unknown>>();
  const counted = <V extends Verb>(verb: V): V =>
    ((...values) => {
      const call = verb(...values);
      const over = () => void calls.delete(call);
      calls.add(call);
      call.then(over, over);
      return call;
    }) as V;
  return {
    counted,
    allCounted: <V extends Readonly<Record<string, Verb>>>(verbs: V) =>
      Object.fromEntries(Object.entries(verbs).map(([name, verb]) => [name, counted(verb)])) as V,
    async ended() {
      const over = Promise.withResolvers<void>();
      const cancel = clock.schedule(longestWaitMs, over.resolve);
      await Promise.race([allOf(calls), over.promise]);
      cancel();
    },
  };
}
