/** unionpay simulator · undici: stands in for UnionPay's own hosts in undici and the global `fetch`. */
export { mountUndici, type UndiciMount, type UndiciMountOptions } from '@polyrail/simulator/undici';
