/**
 * kit · transport: the parts of undici that a pool is made of. Its entry would load fetch, caches,
 * WebSocket and mocks beside them: half of the memory and of the time it takes to start.
 */
import { createRequire } from 'node:module';
import type undici from 'undici';

// The version is pinned: these paths are its files, not names it promises to keep.
const load = createRequire(import.meta.url);

export const Agent: typeof undici.Agent = load('undici/lib/dispatcher/agent.js');
export const Pool: typeof undici.Pool = load('undici/lib/dispatcher/pool.js');

/** Loaded at the first transport that goes by a proxy. */
export const loadProxyAgent = (): typeof undici.ProxyAgent =>
  load('undici/lib/dispatcher/proxy-agent.js');
