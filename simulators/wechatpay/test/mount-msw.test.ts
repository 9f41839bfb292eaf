/** WeChat Pay's own hosts without a server: msw and the vendors' clients. */
import { mountMsw } from '../src/msw.ts';
import { describeVendors } from './mount-suite.ts';

describeVendors('msw', mountMsw);
