/** unionpay simulator · msw: stands in for UnionPay's own hosts in Mock Service Worker. */
export {
  type MswMount,
  type MswMountOptions,
  mountMsw,
  mswHandlers,
} from '@polyrail/simulator/msw';
