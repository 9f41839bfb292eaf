/** contest · network: proof that nothing left the process: names are not looked up, and connections are counted. */
import { createHook } from 'node:async_hooks';
import dns from 'node:dns';
import { isIP } from 'node:net';

export interface NetworkWatch {
  /** Every attempt to look up a name or to connect, since the watch began or was emptied. */
  readonly attempts: string[];
  stop(): void;
}

/** The runtime's own resources, below everything a mocking library replaces. */
const kinds = new Set(['TCPCONNECTWRAP', 'GETADDRINFOREQWRAP', 'PIPECONNECTWRAP']);

/** From here on no host name exists: a request that is not intercepted fails on this machine. */
export function watchNetwork(): NetworkWatch {
  const attempts: string[] = [];
  const hook = createHook({
    init(_id, kind) {
      if (kinds.has(kind)) attempts.push(kind);
    },
  }).enable();
  const { lookup } = dns;
  const refuse = (name: string, ...rest: unknown[]) => {
    // A server that listens asks for its own address, too.
    if (isIP(name) !== 0) return Reflect.apply(lookup, dns, [name, ...rest]);
    attempts.push(`lookup ${name}`);
    const error = Object.assign(new Error(`no host is called ${name}`), { code: 'ENOTFOUND' });
    return process.nextTick(rest.at(-1) as (error: Error) => void, error);
  };
  dns.lookup = refuse as unknown as typeof dns.lookup;
  return {
    attempts,
    stop() {
      hook.disable();
      dns.lookup = lookup;
    },
  };
}
