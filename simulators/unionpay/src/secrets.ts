/** unionpay simulator · secrets: what neither journal nor doctor shows - card data above all. */
import { secretFinder } from '@polyrail/simulator/doctor';

/** Beside the names every journal masks; tokens and codes pay as well. */
export const secretFields: readonly string[] = [
  ...['accNo', 'customerInfo', 'encryptedInfo', 'cvn2', 'expired', 'pin', 'phoneNo', 'certifId'],
  ...['customerNm', 'smsCode', 'cardTransData', 'payerVerifiInfo', 'payerAccNo', 'payerNm'],
  ...['tokenPayData', 'token', 'signature', 'secureKey', 'fileContent', 'qrNo', 'payCardNo'],
];

/** The secret values among named ones, also inside nested ones. */
export const secretsIn = secretFinder(secretFields);
