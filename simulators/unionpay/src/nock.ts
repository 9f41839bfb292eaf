/** unionpay simulator · nock: stands in for UnionPay's own hosts in nock. */
export { mountNock, type NockMount } from '@polyrail/simulator/nock';
