/** All mutants, case file by case file. */
import type { Mutant } from '../mutant.ts';
import { agreementMutants } from './agreement.ts';
import { authorizationMutants } from './authorization.ts';
import { balanceMutants } from './balance.ts';
import { isolationMutants } from './isolation.ts';
import { moneyMutants } from './money.ts';
import { notificationMutants } from './notification.ts';
import { outcomeMutants } from './outcome.ts';
import { acceptedMutants } from './outcome-accepted.ts';
import { nounMutants } from './outcome-nouns.ts';
import { paymentMutants } from './payment.ts';
import { payoutMutants } from './payout.ts';
import { refundMutants } from './refund.ts';
import { sealMutants } from './seal.ts';
import { sealKeyMutants } from './seal-keys.ts';
import { secrecyMutants } from './secrecy.ts';
import { shapeMutants } from './shape.ts';
import { statementMutants } from './statement.ts';

export const mutants: readonly Mutant[] = [
  ...shapeMutants,
  ...moneyMutants,
  ...sealMutants,
  ...sealKeyMutants,
  ...secrecyMutants,
  ...outcomeMutants,
  ...nounMutants,
  ...acceptedMutants,
  ...paymentMutants,
  ...refundMutants,
  ...authorizationMutants,
  ...agreementMutants,
  ...payoutMutants,
  ...balanceMutants,
  ...notificationMutants,
  ...statementMutants,
  ...isolationMutants,
];
