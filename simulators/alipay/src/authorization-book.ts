/** alipay simulator · authorization book: money of payers held for merchants, taken or given back. */
import type { SeededRandom, VirtualClock } from '@polyrail/simulator';
import type { Funds } from './funds.ts';
import type { Merchant, Payer } from './merchants.ts';
import type { Voice } from './seal.ts';
import { ticketFor } from './ticket.ts';
import { compactDay } from './time.ts';

/** `UNSCANNED`: a QR nobody scanned, so no order exists yet; `VOID`: it never will. */
export type AuthorizationState = 'UNSCANNED' | 'VOID' | 'INIT' | 'AUTHORIZED' | 'FINISH' | 'CLOSED';
export type OperationType = 'FREEZE' | 'UNFREEZE' | 'PAY';

export interface AuthorizationTerms {
  readonly outOrderNo: string;
  readonly outRequestNo: string;
  /** Fen. */
  readonly amount: number;
  readonly title: string;
  readonly productCode: string;
  /** How long the payer may take. */
  readonly timeoutMs: number;
  readonly extraParam?: string | undefined;
  readonly notifyUrl?: string | undefined;
}

export interface Operation {
  readonly operationId: string;
  readonly outRequestNo: string;
  readonly type: OperationType;
  readonly amount: number;
  readonly remark?: string | undefined;
  readonly createdAt: number;
  status: 'INIT' | 'SUCCESS' | 'CLOSED';
  /** When it was carried out or closed. */
  at?: number;
}

export interface Authorization {
  readonly merchant: Merchant;
  readonly terms: AuthorizationTerms;
  readonly voice: Voice;
  readonly payer: Payer;
  readonly ticket: string;
  readonly createdAt: number;
  state: AuthorizationState;
  authNo?: string;
  /** By the merchant's cancellation, and what that did. */
  cancelled?: 'close' | 'unfreeze';
  /** The first one is the freeze. */
  readonly operations: Operation[];
  /** A payer who has not decided yet decides after so many queries. */
  pending?: { queries: number; readonly outcome: 'paid' | 'closed' };
  cancelTimer?: () => void;
}

/** Amounts in fen. */
export interface AuthorizationTruth {
  readonly merchantId: string;
  readonly channelId?: string;
  readonly state: AuthorizationState;
  /** How often money was frozen. */
  readonly holds: number;
  /** Frozen in all, whatever became of it. */
  readonly held: number;
  readonly captured: number;
  readonly released: number;
}

/** `unfreeze`: asked for. `automatic`: at the end of its life, or what a last capture left over. */
export type AuthorizationChange = 'frozen' | 'unfreeze' | 'automatic' | 'cancel';

export interface Changed {
  readonly change: AuthorizationChange;
  readonly operation: Operation;
  /** Named by the call that changed it. */
  readonly url?: string | undefined;
}

interface AuthorizationBookOptions {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly funds: Funds;
  readonly pickPayer: () => Payer;
  /** How long money is held at most. */
  readonly lifeMs: number;
  readonly onChange: (authorization: Authorization, changed: Changed) => void;
}

interface Release {
  readonly outRequestNo: string;
  readonly amount: number;
  readonly remark?: string | undefined;
  readonly change: AuthorizationChange;
  readonly url?: string | undefined;
}

export interface AuthorizationBook {
  find(merchant: Merchant, outOrderNo: string): Authorization | undefined;
  findNumber(merchant: Merchant, authNo: string): Authorization | undefined;
  findTicket(ticket: string): Authorization | undefined;
  /** Whose freeze or unfreeze has that request number. */
  findRequest(merchant: Merchant, outRequestNo: string): Authorization | undefined;
  all(): readonly Authorization[];
  open(merchant: Merchant, terms: AuthorizationTerms, opening: Opening): Authorization;
  /** Somebody looks at the QR: the order comes into being. */
  scan(authorization: Authorization): void;
  freeze(authorization: Authorization): void;
  /** Ends one that was not frozen. */
  close(authorization: Authorization): void;
  release(authorization: Authorization, release: Release): Operation;
  /** Notes a payment out of the held money, made under the merchant's order number. */
  captured(authorization: Authorization, outTradeNo: string, amount: number): void;
  truth(authorization: Authorization): AuthorizationTruth;
  clear(): void;
}

interface Opening {
  readonly scanned: boolean;
  readonly voice: Voice;
}

const maximumAuthorizations = 100_000;

/** Where the held money of an authorization lies. */
export const holdAccount = ({ authNo = '' }: Authorization): string => `hold:${authNo}`;

/** Fen of the operations of a kind that were carried out. */
export const sumOf = ({ operations }: Authorization, type: OperationType): number =>
  operations
    .filter((one) => one.type === type && one.status === 'SUCCESS')
    .reduce((sum, { amount }) => sum + amount, 0);

/** What is still held. */
export const restOf = (authorization: Authorization): number =>
  sumOf(authorization, 'FREEZE') - sumOf(authorization, 'UNFREEZE') - sumOf(authorization, 'PAY');

export const awaitsPayer = ({ state }: Authorization): boolean =>
  state === 'UNSCANNED' || state === 'INIT';

function truthOf(authorization: Authorization): AuthorizationTruth {
  const { terms, authNo, state, operations } = authorization;
  const holds = operations.filter(({ type, at, status }) => {
    return type === 'FREEZE' && status === 'SUCCESS' && at !== undefined;
  });
  return {
    merchantId: terms.outOrderNo,
    ...(authNo === undefined ? {} : { channelId: authNo }),
    state,
    holds: holds.length,
    held: sumOf(authorization, 'FREEZE'),
    captured: sumOf(authorization, 'PAY'),
    released: sumOf(authorization, 'UNFREEZE'),
  };
}

function createShelves() {
  const byOrder = new Map<string, Authorization>();
  const byNumber = new Map<string, Authorization>();
  const byTicket = new Map<string, Authorization>();
  const byRequest = new Map<string, Authorization>();
  const key = ({ authAppId }: Merchant, number: string) => `${authAppId} ${number}`;
  return {
    byOrder,
    byNumber,
    byTicket,
    find: (merchant: Merchant, number: string) => byOrder.get(key(merchant, number)),
    findRequest: (merchant: Merchant, number: string) => byRequest.get(key(merchant, number)),
    asked(authorization: Authorization, outRequestNo: string): void {
      byRequest.set(key(authorization.merchant, outRequestNo), authorization);
    },
    add(authorization: Authorization): void {
      const { merchant, terms, ticket } = authorization;
      byOrder.set(key(merchant, terms.outOrderNo), authorization);
      byTicket.set(ticket, authorization);
      byRequest.set(key(merchant, terms.outRequestNo), authorization);
    },
    clear(): void {
      for (const one of byOrder.values()) one.cancelTimer?.();
      for (const shelf of [byOrder, byNumber, byTicket, byRequest]) shelf.clear();
    },
  };
}

type Details = Omit<Operation, 'operationId' | 'createdAt' | 'at'>;

/** Writes the operations of an authorization down. */
function createOperator(clock: VirtualClock, stamp: (length: number) => string) {
  return ({ operations }: Authorization, details: Details): Operation => {
    const now = clock.now();
    const done = details.status === 'SUCCESS' ? { at: now } : {};
    const operation = { ...details, operationId: stamp(12), createdAt: now, ...done };
    operations.push(operation);
    return operation;
  };
}

/** What happens to one authorization, apart from how it is found. */
function createLifecycle(
  options: AuthorizationBookOptions,
  shelves: ReturnType<typeof createShelves>,
) {
  const { clock, funds, onChange, lifeMs } = options;
  const numbers = options.random.fork('authorizations');
  const stamp = (length: number) => `${compactDay(clock.now())}${numbers.digits(length)}`;

  const watch = (authorization: Authorization, delayMs: number, run: () => void): void => {
    authorization.cancelTimer?.();
    authorization.cancelTimer = clock.schedule(delayMs, run);
  };
  const operate = createOperator(clock, stamp);
  /** Nothing held any more: the order is over. */
  const settle = (authorization: Authorization): void => {
    if (restOf(authorization) > 0) return;
    authorization.cancelTimer?.();
    authorization.state = authorization.cancelled === undefined ? 'FINISH' : 'CLOSED';
  };
  const life = {
    stamp,
    watch,
    scan(authorization: Authorization): void {
      if (authorization.state !== 'UNSCANNED') return;
      const { terms } = authorization;
      const authNo = stamp(20);
      Object.assign(authorization, { state: 'INIT', authNo });
      shelves.byNumber.set(authNo, authorization);
      const { amount, outRequestNo } = terms;
      operate(authorization, { type: 'FREEZE', amount, outRequestNo, status: 'INIT' });
    },
    close(authorization: Authorization): void {
      if (!awaitsPayer(authorization)) throw new RangeError('Only an open one is closed.');
      authorization.cancelTimer?.();
      const [freeze] = authorization.operations;
      if (freeze !== undefined) Object.assign(freeze, { status: 'CLOSED', at: clock.now() });
      authorization.state = freeze === undefined ? 'VOID' : 'CLOSED';
    },
    freeze(authorization: Authorization): void {
      life.scan(authorization);
      const [operation] = authorization.operations;
      if (authorization.state !== 'INIT' || operation === undefined) {
        throw new RangeError('Only an open one is frozen.');
      }
      const { payer, merchant, terms } = authorization;
      const { amount, outOrderNo } = terms;
      const memo = `freeze ${merchant.authAppId} ${outOrderNo}`;
      const to = holdAccount(authorization);
      funds.move({ from: `payer:${payer.userId}`, to, amount, memo });
      Object.assign(operation, { status: 'SUCCESS', at: clock.now() });
      authorization.state = 'AUTHORIZED';
      watch(authorization, lifeMs, () => life.expire(authorization));
      onChange(authorization, { change: 'frozen', operation });
    },
    release(authorization: Authorization, release: Release): Operation {
      const { outRequestNo, amount, remark, change, url } = release;
      if (authorization.state !== 'AUTHORIZED' || amount < 1 || amount > restOf(authorization)) {
        throw new RangeError('No more is released than is held.');
      }
      const { payer, merchant, terms } = authorization;
      const memo = `unfreeze ${merchant.authAppId} ${terms.outOrderNo}`;
      const from = holdAccount(authorization);
      funds.move({ from, to: `payer:${payer.userId}`, amount, memo });
      const done = { type: 'UNFREEZE', status: 'SUCCESS' } as const;
      const operation = operate(authorization, { ...done, outRequestNo, amount, remark });
      if (change === 'cancel') authorization.cancelled = 'unfreeze';
      settle(authorization);
      onChange(authorization, { change, operation, url });
      return operation;
    },
    /** What is left goes back without anybody's asking. */
    expire(authorization: Authorization): void {
      const amount = restOf(authorization);
      const outRequestNo = stamp(12);
      life.release(authorization, { outRequestNo, amount, change: 'automatic' });
    },
    captured(authorization: Authorization, outTradeNo: string, amount: number): void {
      const done = { type: 'PAY', status: 'SUCCESS' } as const;
      operate(authorization, { ...done, outRequestNo: outTradeNo, amount });
      settle(authorization);
    },
  };
  return life;
}

export function createAuthorizationBook(options: AuthorizationBookOptions): AuthorizationBook {
  const { clock } = options;
  const tickets = options.random.fork('authorization tickets');
  const shelves = createShelves();
  const life = createLifecycle(options, shelves);
  return {
    find: shelves.find,
    findRequest: shelves.findRequest,
    findNumber(merchant, authNo) {
      const authorization = shelves.byNumber.get(authNo);
      return authorization?.merchant === merchant ? authorization : undefined;
    },
    findTicket: (ticket) => shelves.byTicket.get(ticket),
    all: () => [...shelves.byOrder.values()],
    open(merchant, terms, { scanned, voice }) {
      if (shelves.byOrder.size >= maximumAuthorizations) throw new RangeError('The book is full.');
      const payer = options.pickPayer();
      const ticket = ticketFor(tickets);
      const fixed = { merchant, terms, voice, payer, ticket, createdAt: clock.now() };
      const authorization: Authorization = { ...fixed, state: 'UNSCANNED', operations: [] };
      shelves.add(authorization);
      life.watch(authorization, terms.timeoutMs, () => life.close(authorization));
      if (scanned) life.scan(authorization);
      return authorization;
    },
    scan: life.scan,
    freeze: life.freeze,
    close: life.close,
    release(authorization, release) {
      const operation = life.release(authorization, release);
      shelves.asked(authorization, release.outRequestNo);
      return operation;
    },
    captured: life.captured,
    truth: truthOf,
    clear: shelves.clear,
  };
}
