/** Alipay's own hosts without a server: undici's global dispatcher and the vendor's SDK. */
import { mountUndici } from '../src/undici.ts';
import { describeVendor } from './mount-suite.ts';

describeVendor("undici's global dispatcher", mountUndici);
