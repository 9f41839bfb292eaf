/** wechatpay simulator · nock: stands in for WeChat Pay's own hosts in nock. */
export { mountNock, type NockMount } from '@polyrail/simulator/nock';
