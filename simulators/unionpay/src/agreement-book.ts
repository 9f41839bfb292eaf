/** unionpay simulator · agreement book: cards that may be charged, by token, number or mandate. */
import type { SeededRandom, VirtualClock } from '@polyrail/simulator';
import type { Card } from './cards.ts';
import type { Outcome } from './codes.ts';
import type { Merchant } from './merchants.ts';
import { unique } from './numbers.ts';
import { dayMs } from './time.ts';
import type { Voice } from './voice.ts';

/** A card that a merchant may charge. */
export interface Binding {
  readonly merchant: Merchant;
  /** Who requested the token; empty where the card is known otherwise. */
  readonly trId: string;
  /** Of a mandate: what the merchant calls it. */
  readonly bindId?: string | undefined;
  readonly card: Card;
  /** 19 digits; empty where the card is known otherwise. A renewal changes it. */
  token: string;
  begin: number;
  end: number;
  active: boolean;
  /** How often money was taken by it. */
  charges: number;
}

export type AgreementState = 'open' | 'opening' | 'active' | 'failed';

/** One attempt to open a card: what a merchant asked for, and what became of it. */
export interface Agreement {
  readonly merchant: Merchant;
  readonly orderId: string;
  readonly txnTime: string;
  readonly txnSubType: string;
  readonly bizType: string;
  readonly trId: string;
  /** Of a mandate. */
  readonly bindId?: string | undefined;
  readonly voice: Voice;
  readonly ticket: string;
  readonly frontUrl?: string | undefined;
  readonly backUrl?: string | undefined;
  readonly reqReserved?: string | undefined;
  /** The card that was named beforehand, or chosen at last. */
  card?: Card | undefined;
  state: AgreementState;
  outcome?: Outcome;
  binding?: Binding;
  cancelTimer?: () => void;
}

export type Opening = Omit<
  Agreement,
  'ticket' | 'state' | 'outcome' | 'binding' | 'cancelTimer'
> & {
  readonly expiresAt?: number | undefined;
};

export interface AgreementTruth {
  readonly merchantId: string;
  readonly channelId?: string;
  readonly state: string;
  /** Whether it may be charged now. */
  readonly active: boolean;
  /** How often the payer consented. */
  readonly signed: number;
  /** How often money was taken by it. */
  readonly charges: number;
}

export interface AgreementBook {
  /** The newest attempt under that number. */
  find(merchant: Merchant, orderId: string, txnTime?: string): Agreement | undefined;
  findTicket(ticket: string): Agreement | undefined;
  /** The newest attempt to set up the mandate of that name. */
  findMandate(merchant: Merchant, bindId: string): Agreement | undefined;
  all(): readonly Agreement[];
  begin(opening: Opening): Agreement;
  /** The card is open from now on, under the token it has already if it has one. */
  activate(agreement: Agreement, card: Card): void;
  fail(agreement: Agreement, why: Outcome): void;
  /** A mandate of the merchant's by which a card may be charged. */
  mandateOf(merchant: Merchant, card: Card): Binding | undefined;
  /** What a merchant has of a card. */
  bindingOf(merchant: Merchant, card: Card, trId: string): Binding | undefined;
  findToken(merchant: Merchant, token: string): Binding | undefined;
  /** Another token for the same card; the one before is worthless. */
  renew(binding: Binding): void;
  end(binding: Binding): void;
  clear(): void;
}

const tokenLifeMs = 5 * 365 * dayMs;
const usualLifeMs = dayMs;
const maximumAgreements = 100_000;

/** Unlike the token, the state says whether it is past its end. */
export const isUsable = ({ active, end }: Binding, now: number): boolean => active && now < end;

interface AgreementBookOptions {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  /** A card was opened on UnionPay's page, or could not be. */
  readonly onChange: (agreement: Agreement) => void;
}

export function agreementTruth(agreement: Agreement, now: number): AgreementTruth {
  const { orderId, binding, state } = agreement;
  const active = state === 'active' && binding !== undefined && isUsable(binding, now);
  const channelId = binding?.bindId ?? binding?.token ?? '';
  return {
    merchantId: orderId,
    ...(channelId === '' ? {} : { channelId }),
    state: state === 'active' && !active ? 'ENDED' : state.toUpperCase(),
    active,
    signed: state === 'active' ? 1 : 0,
    charges: binding?.charges ?? 0,
  };
}

const keyOf = (merchant: Merchant, ...parts: string[]): string =>
  [merchant.merId, ...parts].join(' ');

/** Quirk: the name of a mandate is the same in capitals. */
const mandateKey = (merchant: Merchant, bindId: string): string =>
  keyOf(merchant, 'mandate', bindId.toUpperCase());

function createBindings({ clock, random }: AgreementBookOptions) {
  const numbers = random.fork('tokens');
  const byCard = new Map<string, Binding>();
  const byToken = new Map<string, Binding>();
  const mint = (binding: Binding): void => {
    const now = clock.now();
    if (binding.trId !== '') {
      binding.token = unique(() => `6235240${numbers.digits(12)}`, byToken);
      byToken.set(binding.token, binding);
    }
    const lifeMs = binding.bindId === undefined ? tokenLifeMs : Number.POSITIVE_INFINITY;
    Object.assign(binding, { begin: now, end: now + lifeMs, active: true });
  };
  return {
    byCard,
    byToken,
    mint,
    /** The one there is, or a new one. */
    bind({ merchant, trId, bindId }: Agreement, card: Card): Binding {
      const byNumber = keyOf(merchant, trId, card.number);
      const key = bindId === undefined ? byNumber : mandateKey(merchant, bindId);
      const known = byCard.get(key);
      if (known !== undefined && isUsable(known, clock.now())) return known;
      const empty = { token: '', begin: 0, end: 0, active: true, charges: 0 };
      const fresh: Binding = { merchant, card, trId, bindId, ...empty };
      mint(fresh);
      byCard.set(key, fresh);
      return fresh;
    },
  };
}

export function createAgreementBook(options: AgreementBookOptions): AgreementBook {
  const { clock, random, onChange } = options;
  const numbers = random.fork('openings');
  const byNumber = new Map<string, Agreement[]>();
  const byTicket = new Map<string, Agreement>();
  const byMandate = new Map<string, Agreement>();
  const bindings = createBindings(options);

  const settle = (agreement: Agreement, change: Partial<Agreement>): void => {
    agreement.cancelTimer?.();
    delete agreement.cancelTimer;
    Object.assign(agreement, change);
    onChange(agreement);
  };
  return {
    find(merchant, orderId, txnTime) {
      const found = byNumber.get(keyOf(merchant, orderId)) ?? [];
      return found.findLast((one) => txnTime === undefined || one.txnTime === txnTime);
    },
    findTicket: (ticket) => byTicket.get(ticket),
    findMandate: (merchant, bindId) => byMandate.get(mandateKey(merchant, bindId)),
    all: () => [...byNumber.values()].flat(),
    begin({ expiresAt, ...opening }) {
      if (byTicket.size >= maximumAgreements) throw new RangeError('The book is full.');
      const agreement: Agreement = { ...opening, ticket: numbers.digits(32), state: 'open' };
      const key = keyOf(opening.merchant, opening.orderId);
      byNumber.set(key, [...(byNumber.get(key) ?? []), agreement]);
      byTicket.set(agreement.ticket, agreement);
      const { bindId } = agreement;
      if (bindId !== undefined) byMandate.set(mandateKey(agreement.merchant, bindId), agreement);
      const lifeMs = (expiresAt ?? clock.now() + usualLifeMs) - clock.now();
      agreement.cancelTimer = clock.schedule(lifeMs, () => {
        if (agreement.state === 'open') agreement.state = 'failed';
      });
      return agreement;
    },
    activate(agreement, card) {
      const binding = bindings.bind(agreement, card);
      settle(agreement, { state: 'active', card, binding });
    },
    fail: (agreement, why) => settle(agreement, { state: 'failed', outcome: why }),
    mandateOf(merchant, card) {
      return [...bindings.byCard.values()].find((one) => {
        const isTheirs = one.merchant === merchant && one.card === card;
        return one.bindId !== undefined && isTheirs && isUsable(one, clock.now());
      });
    },
    bindingOf(merchant, card, trId) {
      const found = bindings.byCard.get(keyOf(merchant, trId, card.number));
      return found !== undefined && isUsable(found, clock.now()) ? found : undefined;
    },
    findToken(merchant, token) {
      const found = bindings.byToken.get(token);
      return found?.merchant === merchant && found.token === token ? found : undefined;
    },
    renew: bindings.mint,
    end(binding) {
      binding.active = false;
    },
    clear() {
      for (const agreement of byTicket.values()) agreement.cancelTimer?.();
      for (const shelf of [byNumber, byTicket, byMandate, bindings.byCard, bindings.byToken]) {
        shelf.clear();
      }
    },
  };
}
