/** UnionPay's own hosts without a server: Mock Service Worker. */
import { it } from 'vitest';
import { mountMsw } from '../src/msw.ts';
import { byFetch, byHttps, tryHosts } from './mount-suite.ts';

it('stands in for gateway and file host, to fetch', () => tryHosts(mountMsw, byFetch));
it('stands in for gateway and file host, to node:https', () => tryHosts(mountMsw, byHttps));
