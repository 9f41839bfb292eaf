/** reference site · site: acme's side of the wire, started in this process or on a port. */
import {
  type HttpMountOptions,
  mountHttp,
  mountInProcess,
  type SimulatedRequest,
  type Simulator,
  type Site,
  type World,
} from '@polyrail/simulator';
import type {
  AgreementTruth,
  AuthorizationTruth,
  PayoutTruth,
  Truth,
} from '../../../src/subject.ts';
import { agreementTruth } from './agreement.ts';
import { holdTruth } from './authorization.ts';
import { createBook } from './book.ts';
import { answerCall, answerKeys, isLink, openLink, subjectOf } from './gateway.ts';
import { isKeysRequest } from './keys.ts';
import { createMerchants, type ReferenceCredentials } from './merchants.ts';
import { flush } from './notification.ts';
import { createPayer } from './payer.ts';
import { payoutTruth } from './payout.ts';
import type { Room } from './room.ts';
import { createShelf } from './shelf.ts';
import { settleDay } from './statement.ts';
import { stories } from './stories.ts';

/** Ten in the morning of a Monday in Shanghai. */
const startAt = Date.parse('2026-03-02T02:00:00.000Z');

export interface ReferenceOptions extends HttpMountOptions {
  /** `in-process` (default) opens no socket. */
  readonly mount?: 'in-process' | 'http';
}

export interface ReferenceSite extends Site<ReferenceCredentials> {
  /** The ledger's truth of one payment, of the first merchant unless told otherwise. */
  book(id: string, merchantId?: string): Truth | undefined;
  /** The same about the other nouns, of the first merchant. */
  authorization(id: string): AuthorizationTruth | undefined;
  agreement(id: string): AgreementTruth | undefined;
  payout(id: string): PayoutTruth | undefined;
  /** The code that was sent to a payer of the first merchant. */
  sent(id: string): string | undefined;
  /** A further key seals from now on. */
  rotate(): void;
  /** One more merchant of the same group. */
  enroll(): Promise<ReferenceCredentials>;
}

function createRoom(world: World): Room {
  const [book, merchants] = [createBook(world), createMerchants(world)];
  const shelves = { agreements: createShelf(), holds: createShelf(), payouts: createShelf() };
  return {
    world,
    book,
    merchants,
    ...shelves,
    settled: new Set(),
    waiting: new Set(),
    outbox: [],
  } as Room;
}

function answererOf(request: SimulatedRequest) {
  if (isKeysRequest(request)) return answerKeys;
  return isLink(request.path) ? openLink : answerCall;
}

function createSimulator(room: Room): Simulator<ReferenceCredentials> {
  const { book, agreements, holds, payouts, settled, waiting, outbox, merchants } = room;
  return {
    channel: 'acme',
    credentials: merchants.first,
    stories,
    secretFields: ['payeeName', 'card', 'code'],
    operationOf: (request) => subjectOf(request, room),
    async handle(request, exchange) {
      const answer = answererOf(request);
      const reply = answer(request, { exchange, room });
      flush(room);
      return reply;
    },
    discovery: () => ({ channel: 'acme', ...merchants.first }),
    payer: createPayer(room),
    book: () => book.all().map((order) => ({ id: order.terms.paymentId, ...book.truth(order) })),
    settle: async (date) => settleDay(date, room),
    reset() {
      for (const one of [book, agreements, holds, payouts]) one.clear();
      settled.clear();
      waiting.clear();
      merchants.keys.reset();
      outbox.length = 0;
    },
  };
}

/** Starts acme. Runs are deterministic: the seed and the first moment are fixed unless told. */
export async function startReference(options: ReferenceOptions = {}): Promise<ReferenceSite> {
  let made: Room | undefined;
  const factory = (world: World) => {
    made = createRoom(world);
    return createSimulator(made);
  };
  const { mount = 'in-process', ...rest } = options;
  const mounted = mount === 'http' ? mountHttp : mountInProcess;
  const from = rest.clock === undefined ? { startAt } : {};
  const site = await mounted(factory, { seed: 1, ...from, ...rest });
  const room = made as unknown as Room;
  const { book, agreements, holds, payouts, merchants } = room;
  const own = merchants.first.merchantId;
  return {
    ...site,
    authorization(id) {
      const hold = holds.find(own, id);
      return hold && holdTruth(hold, room);
    },
    agreement(id) {
      const agreement = agreements.find(own, id);
      return agreement && agreementTruth(agreement, room);
    },
    payout(id) {
      const payout = payouts.find(own, id);
      return payout && payoutTruth(payout, room);
    },
    sent: (id) => agreements.find(own, id)?.code,
    book(id, merchantId = own) {
      const order = book.find(merchantId, id);
      return order && book.truth(order);
    },
    rotate: () => void merchants.keys.rotate(),
    enroll: async () => merchants.enroll(),
  };
}
