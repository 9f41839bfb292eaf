/** UnionPay's own hosts without a server: nock and `node:https`. */
import { it } from 'vitest';
import { mountNock } from '../src/nock.ts';
import { byHttps, tryHosts } from './mount-suite.ts';

it('stands in for gateway and file host', () => tryHosts(mountNock, byHttps));
