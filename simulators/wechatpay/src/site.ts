/** wechatpay simulator · site: starts it, in this process or on a port. */
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
import type { KeyMode, WechatPayCredentials } from './merchants.ts';
import type { Truth } from './order.ts';
import type { PayoutTruth } from './payout-book.ts';
import type { WechatPayOptions } from './room.ts';
import type { AuthorizationTruth } from './score-book.ts';
import { createWechatPaySimulator, type WechatPaySimulator } from './simulator.ts';

export interface WechatPayStartOptions
  extends WechatPayOptions,
    Omit<HttpMountOptions, 'mutualTls'> {
  /** `http` (default) listens on a port; `in-process` opens no socket. */
  readonly mount?: 'http' | 'in-process';
  readonly clock?: VirtualClock;
}

/** A running simulator. */
export interface WechatPaySite extends Site<WechatPayCredentials> {
  /** Another merchant; its orders live in a namespace of their own. */
  enroll(keys?: KeyMode): Promise<WechatPayCredentials>;
  /** The ledger's truth of one order in fen; `undefined` for a number the channel never saw. */
  book(id: string, mchId?: string): Truth | undefined;
  /** Accounts, and everything that was ever begun here. */
  book(): unknown;
  /** What became of one payout, by either of its numbers, in fen. */
  payout(id: string, mchId?: string): PayoutTruth | undefined;
  /** What became of one agreement, by either of its numbers. */
  agreement(id: string, mchId?: string): AgreementTruth | undefined;
  /** What became of one pay-score order, in fen. */
  authorization(id: string, mchId?: string): AuthorizationTruth | undefined;
  /**
   * Why a signature does not verify: of a raw request, or of a raw answer or notification that a
   * client does not believe. As `POST /_sim/doctor`.
   *
   * @throws Error when a private key is among what is shown
   */
  explain(input: DoctorInput): Promise<Explanation>;
  /** A further platform certificate signs from now on, those before stay downloadable; its serial. */
  rotate(): Promise<string>;
}

/**
 * Starts WeChat Pay's side: `(await startWechatPay()).credentials` configures any client of it.
 * With the mount `http` a TLS listener opens beside, unless `tlsBeside` is false: API v2 asks for
 * client certificates there.
 *
 * @throws Error when the port is taken.
 */
export async function startWechatPay(options: WechatPayStartOptions = {}): Promise<WechatPaySite> {
  let made: WechatPaySimulator | undefined;
  const factory = async (world: World) => {
    made = await createWechatPaySimulator(world, options);
    return made;
  };
  const { mount = 'http' } = options;
  const authority = () => made?.clientAuthority ?? '';
  const mutualTls = { authority, optional: true };
  const site =
    mount === 'http'
      ? await mountHttp(factory, { tlsBeside: true, ...options, mutualTls })
      : await mountInProcess(factory, options);
  const simulator = made as unknown as WechatPaySimulator;
  function book(id: string, mchId?: string): Truth | undefined;
  function book(): unknown;
  function book(id?: string, mchId?: string): unknown {
    return id === undefined ? simulator.book() : simulator.truth(id, mchId);
  }
  const { agreement, authorization, enroll, explain, payout, rotate } = simulator;
  return {
    ...site,
    // Asked each time: a rotation changes them.
    get credentials() {
      return simulator.credentials;
    },
    agreement,
    authorization,
    book,
    enroll,
    explain,
    payout,
    rotate,
  };
}
