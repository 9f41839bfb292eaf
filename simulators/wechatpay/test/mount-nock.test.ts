/** WeChat Pay's own hosts without a server: nock and the vendors' clients. */
import nock from 'nock';
import { mountNock } from '../src/nock.ts';
import { describeVendors } from './mount-suite.ts';

describeVendors('nock', mountNock, () => {
  nock.restore();
  return nock.activate;
});
