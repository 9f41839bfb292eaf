/** alipay simulator · nock: stands in for Alipay's own hosts in nock. */
export { mountNock, type NockMount } from '@polyrail/simulator/nock';
