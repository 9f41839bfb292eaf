/** @polyrail/clearing-simulator: a clearing house and a central bank for the payers' simulators. */
export type { ReserveLine } from './central-bank.ts';
export type { ClearingHouse, HouseOptions } from './house.ts';
export type { ObligationTruth } from './obligation.ts';
export type { Participant } from './register.ts';
export type {
  Fate,
  FundsStatement,
  Netting,
  NettingRow,
  Settlement,
  SettlementEntry,
  SettlementItem,
} from './settlement.ts';
export { createClearingSimulator } from './simulator.ts';
export { type ClearingSite, type ClearingStartOptions, startClearing } from './site.ts';
export { nettingPage, nettingText } from './table.ts';
