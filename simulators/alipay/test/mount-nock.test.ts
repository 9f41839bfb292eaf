/** Alipay's own hosts without a server: nock and the vendor's SDK. */
import nock from 'nock';
import { mountNock } from '../src/nock.ts';
import { describeVendor } from './mount-suite.ts';

describeVendor('nock', mountNock, () => {
  nock.restore();
  return nock.activate;
});
