/** Test aid: a channel of one scripted adapter, on a clock that stands until it is moved. */
import {
  type Call,
  type Capabilities,
  type Channel,
  type Clock,
  defineChannel,
  type Finding,
  type Logger,
  type Shape,
  type Supply,
} from '../src/index.ts';

export interface ToyClock extends Clock {
  move(ms: number): void;
  readonly timers: () => number;
}

export function createClock(startMs = Date.parse('2026-11-22T02:00:00.000Z')): ToyClock {
  let now = startMs;
  const tasks = new Map<object, { at: number; run: () => void }>();
  return {
    now: () => now,
    schedule(delayMs, run) {
      const handle = {};
      tasks.set(handle, { at: now + delayMs, run });
      return () => tasks.delete(handle);
    },
    move(ms) {
      now += ms;
      for (const [handle, { at, run }] of [...tasks]) {
        if (at > now) continue;
        tasks.delete(handle);
        run();
      }
    },
    timers: () => tasks.size,
  };
}

export const capabilities: Capabilities = {
  timeZone: 'Asia/Shanghai',
  currencies: ['CNY', 'JPY'],
  scenes: { pay: ['qr', 'barcode'] },
  amount: { min: 1, max: 1_000_000 },
  merchantPaymentId: { pattern: '[A-Za-z0-9]{1,32}', maxLength: 32 },
  description: { maxLength: 32, forbidden: '&' },
  sealing: 'signed',
  defaultTimeoutMs: 30_000,
  closeProvesAbsence: true,
  visibilityMs: 0,
  // biome-ignore lint/suspicious/noThenProperty: a member of the contract, no promise
  resolve: { queryAfterMs: [1000], then: 'reverse' },
  statements: { trade: { readyAt: '09:00' } },
};

export const order = {
  scene: 'qr',
  merchantPaymentId: 'A1',
  amount: { amount: 900, currency: 'CNY' },
  description: 'Tea',
} as const;

export const ref = {
  noun: 'payment',
  merchantId: 'A1',
  amount: order.amount,
  startedAt: '2026-11-22T02:00:00.000Z',
} as const;

export const paid = {
  status: 'succeeded',
  evidence: 'signed',
  merchantId: 'A1',
  amount: order.amount,
} as const satisfies Finding<'payment'>;

/** Prepares, announces the first byte, and answers. */
export const answering =
  <F>(finding: F | (() => F | Promise<F>)) =>
  async (_request: unknown, call: Call): Promise<F> => {
    await call.prepared();
    call.sent();
    return typeof finding === 'function' ? (finding as () => Promise<F>)() : finding;
  };

export interface ToyOptions {
  readonly clock?: ToyClock;
  readonly logger?: Logger;
  readonly capabilities?: Partial<Capabilities>;
}

/** A channel with these verbs, whatever the type checker would say to them. */
export function toy(verbs: object, options: ToyOptions = {}): Channel {
  const supply = {
    name: 'toy',
    capabilities: { ...capabilities, ...options.capabilities },
    secretFields: ['sign'],
    ...verbs,
  };
  const { clock = createClock(), logger } = options;
  return defineChannel<Shape>(supply as unknown as Supply<Shape>, { clock, logger });
}

/** How a call ended, in a word: `unknown/no-reply`, `NOT_SENT`. */
export async function ending(run: Promise<unknown> | undefined): Promise<string> {
  try {
    const result = (await run) as { status: string; doubt?: string };
    return result.doubt === undefined ? result.status : `${result.status}/${result.doubt}`;
  } catch (error) {
    return (error as { code?: string }).code ?? `stranger ${String(error)}`;
  }
}
