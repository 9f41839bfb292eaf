/** conformance · laws: all of them, in the order of the catalogue. */
import { agreementLaws } from './cases/agreement.ts';
import { authorizationLaws } from './cases/authorization.ts';
import { balanceLaws } from './cases/balance.ts';
import { isolationLaws } from './cases/isolation.ts';
import { moneyLaws } from './cases/money.ts';
import { notificationLaws } from './cases/notification.ts';
import { outcomeLaws } from './cases/outcome.ts';
import { paymentLaws } from './cases/payment.ts';
import { payoutLaws } from './cases/payout.ts';
import { refundLaws } from './cases/refund.ts';
import { sealLaws } from './cases/seal.ts';
import { secrecyLaws } from './cases/secrecy.ts';
import { shapeLaws } from './cases/shape.ts';
import { statementLaws } from './cases/statement.ts';
import type { Law } from './law.ts';

export const laws: readonly Law[] = [
  ...shapeLaws,
  ...moneyLaws,
  ...sealLaws,
  ...secrecyLaws,
  ...outcomeLaws,
  ...paymentLaws,
  ...refundLaws,
  ...authorizationLaws,
  ...agreementLaws,
  ...payoutLaws,
  ...balanceLaws,
  ...notificationLaws,
  ...statementLaws,
  ...isolationLaws,
];
