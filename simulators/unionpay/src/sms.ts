/** unionpay simulator · sms: the codes that payers would read on their phones. */
import { instantOf } from '@polyrail/core';
import type { SeededRandom, VirtualClock } from '@polyrail/simulator';
import type { Merchant } from './merchants.ts';
import { hourMs } from './time.ts';

/** What a code is good for. */
export interface SmsPurpose {
  readonly merchant: Merchant;
  readonly orderId: string;
  readonly txnTime: string;
  readonly purpose: 'open' | 'pay';
  /** Fen; of a payment. */
  readonly amount?: number | undefined;
}

export interface Sms {
  readonly merId: string;
  readonly orderId: string;
  readonly purpose: 'open' | 'pay';
  /** Masked. */
  readonly phone: string;
  readonly code: string;
  readonly sentAt: string;
}

export interface SmsDesk {
  send(about: SmsPurpose, phone: string): Sms;
  /** Whether that code belongs to this very order. */
  accepts(about: SmsPurpose, code: string): boolean;
  all(): readonly Sms[];
  clear(): void;
}

const lifeMs = hourMs;
const maximumKept = 1_000;
/** Quirk: in UnionPay's test environment one code always passes and two never do. */
const always = '111111';
const never = ['123456', '654321'];

const maskedPhone = (phone: string): string => `${phone.slice(0, 3)}****${phone.slice(-4)}`;
const keyOf = ({ merchant, orderId, txnTime, purpose, amount = 0 }: SmsPurpose): string =>
  [merchant.merId, orderId, txnTime, purpose, amount].join(' ');

interface SmsOptions {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly testCodes: boolean;
}

export function createSmsDesk({ clock, random, testCodes }: SmsOptions): SmsDesk {
  const codes = random.fork('sms');
  let sent: { readonly key: string; readonly at: number; readonly sms: Sms }[] = [];
  return {
    send(about, phone) {
      let code = codes.digits(6);
      while (code === always || never.includes(code)) code = codes.digits(6);
      const at = clock.now();
      const { merchant, orderId, purpose } = about;
      const masked = maskedPhone(phone);
      const sentAt = instantOf(at);
      const sms = { merId: merchant.merId, orderId, purpose, phone: masked, code, sentAt };
      sent = [...sent.slice(1 - maximumKept), { key: keyOf(about), at, sms }];
      return sms;
    },
    accepts(about, code) {
      if (testCodes && code === always) return true;
      const key = keyOf(about);
      // The newest one counts: a code that was sent again makes the one before worthless.
      const last = sent.findLast((one) => one.key === key);
      return last?.sms.code === code && clock.now() - last.at <= lifeMs;
    },
    all: () => sent.map(({ sms }) => sms),
    clear() {
      sent = [];
    },
  };
}
