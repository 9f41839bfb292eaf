/** bench · work: whom all contestants act for, and with which keys. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { given } from '@polyrail/contest';

export const mchId = '1900007291';
export const appId = 'wxd678efh567hg6787';
export const apiV3Key = '0123456789abcdef0123456789abcdef';
export const merchantSerial = '408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB';
export const publicKeyId = 'PUB_KEY_ID_0114232134912410000000000000';
export const notifyUrl = 'https://shop.example/wechatpay';
export const nativePath = '/v3/pay/transactions/native';

export const platformKey = () => createPrivateKey(given('BENCH_PLATFORM_KEY'));

export const merchantKeys = () => ({
  privateKey: given('BENCH_MERCHANT_KEY'),
  publicKey: createPublicKey(given('BENCH_PLATFORM_PUBLIC')),
  publicPem: given('BENCH_PLATFORM_PUBLIC'),
  origin: given('BENCH_ORIGIN'),
});
