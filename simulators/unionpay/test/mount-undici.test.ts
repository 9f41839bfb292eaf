/** UnionPay's own hosts without a server: undici and the global `fetch`. */
import { it } from 'vitest';
import { mountUndici } from '../src/undici.ts';
import { byFetch, tryHosts } from './mount-suite.ts';

it('stands in for gateway and file host', () => tryHosts(mountUndici, byFetch));
