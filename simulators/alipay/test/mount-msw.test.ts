/** Alipay's own hosts without a server: msw and the vendor's SDK. */
import { mountMsw } from '../src/msw.ts';
import { describeVendor } from './mount-suite.ts';

describeVendor('msw', mountMsw);
