/** alipay simulator · site: starts it, in this process or on a port. */
import {
  type HttpMountOptions,
  mountHttp,
  mountInProcess,
  type Site,
  type VirtualClock,
} from '@polyrail/simulator';
import type { DoctorInput, Explanation } from '@polyrail/simulator/doctor';
import type { AgreementTruth } from './agreement-book.ts';
import type { AuthorizationTruth } from './authorization-book.ts';
import type { AlipayCredentials } from './merchants.ts';
import type { Truth } from './order.ts';
import type { PayoutTruth } from './payout-book.ts';
import type { AlipayOptions } from './room.ts';
import { type AlipaySimulator, createAlipaySimulator } from './simulator.ts';

export interface AlipayStartOptions extends AlipayOptions, Omit<HttpMountOptions, 'mutualTls'> {
  /** `http` (default) listens on a port; `in-process` opens no socket. */
  readonly mount?: 'http' | 'in-process';
  readonly clock?: VirtualClock;
}

/** A running simulator. */
export interface AlipaySite extends Site<AlipayCredentials> {
  /** Another merchant on the same gateway; its orders live in a namespace of their own. */
  enroll(): Promise<AlipayCredentials>;
  /** The ledger's truth of one order in fen; `undefined` for a number the channel never saw. */
  book(id: string, appId?: string): Truth | undefined;
  /** Accounts, all orders and agreements. */
  book(): unknown;
  /** What became of one authorization, by either of its numbers, in fen. */
  authorization(id: string, appId?: string): AuthorizationTruth | undefined;
  /** What became of one payout, by any of its numbers, in fen. */
  payout(id: string, appId?: string): PayoutTruth | undefined;
  /** What became of one agreement, by either of its numbers. */
  agreement(id: string, appId?: string): AgreementTruth | undefined;
  /**
   * Why a signature does not verify: of a raw request, or of a raw reply or notification that a
   * client does not believe. As `POST /_sim/doctor`.
   *
   * @throws Error when a private key is among what is shown
   */
  explain(input: DoctorInput): Promise<Explanation>;
  /** Where an app is told what no call named an address for; without a URL, as the option says. */
  setAppGateway(url?: string, appId?: string): void;
}

/**
 * Starts Alipay's side: `(await startAlipay()).credentials` configures any client of it.
 *
 * @throws Error when the port is taken.
 */
export async function startAlipay(options: AlipayStartOptions = {}): Promise<AlipaySite> {
  let made: AlipaySimulator | undefined;
  const factory = async (world: Parameters<typeof createAlipaySimulator>[0]) => {
    made = await createAlipaySimulator(world, options);
    return made;
  };
  const { mount = 'http' } = options;
  const site =
    mount === 'http' ? await mountHttp(factory, options) : await mountInProcess(factory, options);
  const simulator = made as unknown as AlipaySimulator;
  function book(id: string, appId?: string): Truth | undefined;
  function book(): unknown;
  function book(id?: string, appId?: string): unknown {
    return id === undefined ? simulator.book() : simulator.truth(id, appId);
  }
  const { enroll, authorization, agreement, payout, setAppGateway, explain } = simulator;
  return { ...site, book, enroll, authorization, agreement, payout, setAppGateway, explain };
}
