/** @polyrail/wechatpay-bills: WeChat Pay's statement files, the same over both protocols. */
export { type BillLayout, broken, createBillReader, readBill } from './bill.ts';
export { fundsBill } from './funds-bill.ts';
export { tradeBill } from './trade-bill.ts';
export { instantOfWallTime } from './units.ts';
