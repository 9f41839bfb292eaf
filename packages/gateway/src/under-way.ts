/** gateway · under way: calls that have begun, for a gateway that closes to let them end. */
import type { Clock } from '@polyrail/core';

/** A call ends by its deadline; one that does not is left as a process that dies would leave it, in ms. */
const longestWaitMs = 60_000;

type Verb = (...values: never[]) => Promise<unknown>;

export interface UnderWay {
  /** The same verbs, each call of which counts until it has ended. */
  counted<V extends Readonly<Record<string, Verb>>>(verbs: V): V;
  /** Resolves once no call is under way, or a minute later. */
  ended(): Promise<void>;
}

async function allOf(calls: ReadonlySet<Promise<unknown>>): Promise<void> {
  while (calls.size > 0) await Promise.allSettled(calls);
}

export function createUnderWay(clock: Clock): UnderWay {
  const calls = new Set<Promise<unknown>>();
  const count =
    (verb: Verb): Verb =>
    (...values) => {
      const call = verb(...values);
      const over = () => void calls.delete(call);
      calls.add(call);
      call.then(over, over);
      return call;
    };
  return {
    counted: <V extends Readonly<Record<string, Verb>>>(verbs: V) =>
      Object.fromEntries(Object.entries(verbs).map(([name, verb]) => [name, count(verb)])) as V,
    async ended() {
      const over = Promise.withResolvers<void>();
      const cancel = clock.schedule(longestWaitMs, over.resolve);
      await Promise.race([allOf(calls), over.promise]);
      cancel();
    },
  };
}
