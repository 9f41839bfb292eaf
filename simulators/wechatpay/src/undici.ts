/** wechatpay simulator · undici: stands in for WeChat Pay's own hosts in undici and the global `fetch`. */
export { mountUndici, type UndiciMount, type UndiciMountOptions } from '@polyrail/simulator/undici';
