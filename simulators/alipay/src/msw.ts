/** alipay simulator · msw: stands in for Alipay's own hosts in Mock Service Worker. */
export {
  type MswMount,
  type MswMountOptions,
  mountMsw,
  mswHandlers,
} from '@polyrail/simulator/msw';
