/** wechatpay simulator · agreement book: contracts by which payers are charged, of both protocols. */
import type { SeededRandom, VirtualClock } from '@polyrail/simulator';
import type { Merchant, Payer } from './merchants.ts';
import { contractNumber, hex } from './numbers.ts';
import { dayMs } from './time.ts';
import type { Voice } from './voice.ts';

/** `SIGNING`: waits for its payer. */
export type AgreementState = 'SIGNING' | 'SIGNED' | 'SIGN_FAILED' | 'TERMINATED';
export type TerminationMode = 'USER' | 'MERCHANT';

export interface AgreementTerms {
  readonly contractCode: string;
  readonly planId: string;
  readonly appid: string;
  readonly displayAccount: string;
  readonly notifyUrl?: string | undefined;
  readonly openid?: string | undefined;
  /** v2. */
  readonly requestSerial?: string | undefined;
  readonly userCode?: string | undefined;
  /** v3: what is expected to be charged first, as it was sent. */
  readonly schedule?: object | undefined;
}

export interface Agreement {
  readonly merchant: Merchant;
  readonly terms: AgreementTerms;
  readonly voice: Voice;
  readonly payer: Payer;
  /** `pre_entrustweb_id`: what a link to sign carries. */
  readonly ticket: string;
  readonly contractId: string;
  readonly createdAt: number;
  state: AgreementState;
  signedAt?: number;
  expiresAt?: number;
  ended?: { readonly at: number; readonly mode: TerminationMode; readonly remark: string };
  /** How often the payer consented. */
  signed: number;
  /** How often money was taken by it. */
  charges: number;
  /** v3: the next charge, announced. */
  scheduled?: { readonly amount: number; readonly from: number; readonly to: number };
}

export interface AgreementTruth {
  readonly merchantId: string;
  readonly channelId?: string;
  readonly state: AgreementState;
  /** Whether it may be charged now. */
  readonly active: boolean;
  /** How often the payer consented. */
  readonly signed: number;
  /** How often money was taken by it. */
  readonly charges: number;
}

export type AgreementChange = 'signed' | 'ended';

export interface AgreementBook {
  find(merchant: Merchant, contractCode: string, planId?: string): Agreement | undefined;
  findId(merchant: Merchant, contractId: string): Agreement | undefined;
  findTicket(ticket: string): Agreement | undefined;
  all(): readonly Agreement[];
  open(merchant: Merchant, terms: AgreementTerms, voice: Voice): Agreement;
  sign(agreement: Agreement): void;
  refuse(agreement: Agreement): void;
  end(agreement: Agreement, mode: TerminationMode, remark: string): void;
  clear(): void;
}

interface AgreementBookOptions {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly pickPayer: () => Payer;
  readonly onChange: (agreement: Agreement, change: AgreementChange) => void;
}

const yearsMs = 5 * 365 * dayMs;
const maximumAgreements = 100_000;
const keyOf = (merchant: Merchant, code: string): string => `${merchant.mchid} ${code}`;

export function agreementTruth({ terms, contractId, ...agreement }: Agreement): AgreementTruth {
  const { state, signed, charges } = agreement;
  return {
    merchantId: terms.contractCode,
    ...(signed > 0 ? { channelId: contractId } : {}),
    state,
    active: state === 'SIGNED',
    signed,
    charges,
  };
}

export function createAgreementBook(options: AgreementBookOptions): AgreementBook {
  const { clock, pickPayer, onChange } = options;
  const numbers = options.random.fork('agreements');
  const byCode = new Map<string, Agreement>();
  const byId = new Map<string, Agreement>();
  const byTicket = new Map<string, Agreement>();
  return {
    find(merchant, contractCode, planId) {
      const found = byCode.get(keyOf(merchant, contractCode));
      return planId === undefined || found?.terms.planId === planId ? found : undefined;
    },
    findId(merchant, contractId) {
      const found = byId.get(contractId);
      return found?.merchant === merchant && found.signed > 0 ? found : undefined;
    },
    findTicket: (ticket) => byTicket.get(ticket),
    all: () => [...byCode.values()],
    open(merchant, terms, voice) {
      if (byCode.size >= maximumAgreements) throw new RangeError('The book is full.');
      const createdAt = clock.now();
      const picked = pickPayer();
      const agreement: Agreement = {
        merchant,
        terms,
        voice,
        payer: terms.openid === undefined ? picked : { ...picked, openid: terms.openid },
        ticket: hex(numbers, 16),
        contractId: contractNumber(numbers, createdAt),
        createdAt,
        state: 'SIGNING',
        signed: 0,
        charges: 0,
      };
      byCode.set(keyOf(merchant, terms.contractCode), agreement);
      byId.set(agreement.contractId, agreement);
      byTicket.set(agreement.ticket, agreement);
      return agreement;
    },
    sign(agreement) {
      const signedAt = clock.now();
      Object.assign(agreement, { state: 'SIGNED', signedAt, expiresAt: signedAt + yearsMs });
      agreement.signed += 1;
      onChange(agreement, 'signed');
    },
    refuse(agreement) {
      agreement.state = 'SIGN_FAILED';
    },
    end(agreement, mode, remark) {
      agreement.state = 'TERMINATED';
      agreement.ended = { at: clock.now(), mode, remark };
      onChange(agreement, 'ended');
    },
    clear() {
      for (const shelf of [byCode, byId, byTicket]) shelf.clear();
    },
  };
}
