/** clearing · routes: the house over HTTP, for participants of other processes. */
import {
  type Exchange,
  type Joining,
  type Obligation,
  problem,
  problemOf,
  type SimulatedReply,
  type SimulatedRequest,
} from '@polyrail/simulator';
import type { ClearingHouse } from './house.ts';
import { nettingPage, nettingText } from './table.ts';

export const nettingPath = '/_sim/netting';

interface Call {
  readonly house: ClearingHouse;
  readonly query: URLSearchParams;
  readonly body: unknown;
}
type Answer = { readonly json: unknown } | { readonly text: string; readonly type: string };
interface Route {
  readonly operation: string;
  answer(call: Call): Answer;
}

function required({ query }: Call, field: string): string {
  const value = query.get(field);
  if (value !== null && value !== '') return value;
  throw problem({ field, rule: 'given', message: `Which ${field}?` });
}

const unrecorded = (): Error =>
  problem({ message: 'The book is full: nothing was recorded.', status: 503 });

function join({ house, body }: Call): Answer {
  if (typeof body !== 'object' || body === null) {
    throw problem({ field: 'body', rule: 'a JSON object', message: 'Nobody can join with that.' });
  }
  const { name, kind, account, reserves } = body as Record<string, unknown>;
  if (typeof name !== 'string' || (account !== undefined && typeof account !== 'string')) {
    throw problem({ field: 'name', rule: 'texts', message: 'name or account is no text.' });
  }
  if (kind !== 'bank' && kind !== 'payer') {
    throw problem({ field: 'kind', rule: 'bank or payer', message: 'Nobody else can join.' });
  }
  const given = Object.entries({ account, reserves }).filter(([, value]) => value !== undefined);
  house.join({ name, kind, ...Object.fromEntries(given) } as Joining);
  return { json: house.participants().find((one) => one.name === name) };
}

function netting({ house, query }: Call): Answer {
  const table = house.netting(query.get('date') ?? undefined);
  if (query.get('format') === 'json') return { json: table };
  if (query.get('format') === 'text') {
    return { text: `${nettingText(table)}\n`, type: 'text/plain' };
  }
  return { text: nettingPage(table), type: 'text/html' };
}

/** By method and path. */
const routes: Readonly<Record<string, Route>> = {
  'POST /obligations': {
    operation: 'record',
    answer({ house, body }) {
      const receipt = house.record(body as Obligation);
      if (receipt === undefined) throw unrecorded();
      return { json: receipt };
    },
  },
  'POST /participants': { operation: 'join', answer: join },
  'GET /participants': {
    operation: 'participants',
    answer: ({ house }) => ({ json: house.participants() }),
  },
  'GET /settlement': {
    operation: 'settlement',
    answer: (call) => ({
      json: call.house.settlement(required(call, 'participant'), required(call, 'date')),
    }),
  },
  'GET /funds-statement': {
    operation: 'funds-statement',
    answer: (call) => ({
      json: call.house.fundsStatement(required(call, 'participant'), required(call, 'date')),
    }),
  },
  [`GET ${nettingPath}`]: { operation: 'netting', answer: netting },
};

const routeOf = ({ method, path }: SimulatedRequest): Route | undefined => {
  const name = `${method} ${path}`;
  return Object.hasOwn(routes, name) ? routes[name] : undefined;
};

/** The JSON of a body; `undefined` for none. */
function readBody({ body }: SimulatedRequest): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown;
  } catch {
    throw problem({ field: 'body', rule: 'JSON', message: 'The body cannot be read.' });
  }
}

const idIn = (body: unknown): string | undefined => {
  const id: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'id') : '';
  return typeof id === 'string' && id !== '' ? id : undefined;
};

/** What a request is about; never throws. */
export function subjectOf(request: SimulatedRequest) {
  const operation = routeOf(request)?.operation ?? `${request.method} ${request.path}`;
  try {
    const id = idIn(readBody(request));
    return { operation, ...(id === undefined ? {} : { id }) };
  } catch {
    return { operation };
  }
}

const reply = (status: number, answer: Answer): SimulatedReply => {
  const [type, body] =
    'text' in answer
      ? [answer.type, answer.text]
      : ['application/json', `${JSON.stringify(answer.json)}\n`];
  return { status, headers: { 'content-type': `${type}; charset=utf-8` }, body };
};

const refusal = (error: unknown): SimulatedReply => {
  const known = problemOf(error);
  if (known === undefined) throw error;
  const { field, rule, message, status } = known;
  return reply(status, { json: { error: { field, rule, message } } });
};

/** Faults that answer in the house's own words. */
const declined: readonly (readonly [string, number])[] = [
  ['rate-limit', 429],
  ['maintenance', 503],
];

export async function answer(
  request: SimulatedRequest,
  exchange: Exchange,
  house: ClearingHouse,
): Promise<SimulatedReply> {
  const down = declined.find(([fault]) => exchange.fault(fault) !== undefined);
  if (down !== undefined) {
    return reply(down[1], { json: { error: { message: `The house is in ${down[0]}.` } } });
  }
  const route = routeOf(request);
  try {
    if (route === undefined) {
      const rule = `one of ${Object.keys(routes).join(', ')}`;
      const message = `There is no ${request.method} ${request.path}.`;
      throw problem({ field: 'path', rule, message, status: 404 });
    }
    const query = new URLSearchParams(request.query);
    return reply(200, route.answer({ house, query, body: readBody(request) }));
  } catch (error) {
    return refusal(error);
  }
}
