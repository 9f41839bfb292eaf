/** unionpay simulator · site: starts it, in this process or on a port. */
import {
  type HttpMountOptions,
  mountHttp,
  mountInProcess,
  type Site,
  type VirtualClock,
  type World,
} from '@polyrail/simulator';
import type { DoctorInput, Explanation } from '@polyrail/simulator/doctor';
import type { AgreementTruth } from './agreement-book.ts';
import type { UnionPayCredentials } from './merchants.ts';
import type { UnionPayOptions } from './room.ts';
import { createUnionPaySimulator, type UnionPaySimulator } from './simulator.ts';
import type { AuthorizationTruth, PayoutTruth, Truth } from './transaction.ts';

export interface UnionPayStartOptions extends UnionPayOptions, Omit<HttpMountOptions, 'mutualTls'> {
  /** `http` (default) listens on a port; `in-process` opens no socket. */
  readonly mount?: 'http' | 'in-process';
  readonly clock?: VirtualClock;
}

/** A running simulator. */
export interface UnionPaySite extends Site<UnionPayCredentials> {
  /** Another merchant; its orders live in a namespace of their own. */
  enroll(): Promise<UnionPayCredentials>;
  /** The ledger's truth of one payment in fen; `undefined` for a number the channel never saw. */
  book(id: string, merId?: string): Truth | undefined;
  /** Accounts, and everything that was ever begun here. */
  book(): unknown;
  /** What became of one pre-authorization, in fen. */
  authorization(id: string, merId?: string): AuthorizationTruth | undefined;
  /** What became of one payout, in fen. */
  payout(id: string, merId?: string): PayoutTruth | undefined;
  /** What became of the opening of one card. */
  agreement(id: string, merId?: string): AgreementTruth | undefined;
  /** The newest SMS code that was sent for that number, as the payer's phone shows it. */
  smsCode(id: string, merId?: string): string | undefined;
  /** Further certificates sign and encrypt from now on; encryption by those before is understood. */
  rotate(): Promise<void>;
  /**
   * Why a signature does not verify: of a raw request, or of a raw answer or notification that a
   * client does not believe. As `POST /_sim/doctor`.
   *
   * @throws Error when a private key is among what is shown
   */
  explain(input: DoctorInput): Promise<Explanation>;
}

/**
 * Starts UnionPay's side: `(await startUnionPay()).credentials` configures any client of it.
 *
 * @throws Error when the port is taken.
 */
export async function startUnionPay(options: UnionPayStartOptions = {}): Promise<UnionPaySite> {
  let made: UnionPaySimulator | undefined;
  const factory = async (world: World) => {
    made = await createUnionPaySimulator(world, options);
    return made;
  };
  const { mount = 'http' } = options;
  const site =
    mount === 'http' ? await mountHttp(factory, options) : await mountInProcess(factory, options);
  const simulator = made as unknown as UnionPaySimulator;
  function book(id: string, merId?: string): Truth | undefined;
  function book(): unknown;
  function book(id?: string, merId?: string): unknown {
    return id === undefined ? simulator.book() : simulator.truth(id, merId);
  }
  const { agreement, authorization, enroll, explain, payout, rotate, smsCode } = simulator;
  return {
    ...site,
    // Asked each time: a rotation changes them.
    get credentials() {
      return simulator.credentials;
    },
    ...{ agreement, authorization, book, enroll, explain, payout, rotate, smsCode },
  };
}
