/** unionpay simulator · names: the common names that certificates of UnionPay and merchants bear. */

/** Between the second and the third `@`: what clients know UnionPay by. */
export const unionPayName = '041@8310000000083040@中国银联股份有限公司@00016495';
export const encryptionName = '041@Z2014-11-11@00040000:SIGN@00000006';
/** Of some merchant: whoever speaks under it is not UnionPay. */
export const merchantName = (merId: string): string => `041@Z2014-11-11@${merId}:SIGN@00000001`;
