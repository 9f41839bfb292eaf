/**
 * simulator · control: the `/_sim/` routes that steer a simulator; never part of the imitated
 * protocol.
 */
import { isDay } from '@polyrail/core';
import { describeClock } from './clock.ts';
import { consolePage } from './console.ts';
import { type EdgeResult, simulatorHeader } from './edge.ts';
import { ruleFromText } from './faults.ts';
import type { JournalFilter } from './journal.ts';
import { type Problem, problem, problemOf } from './problem.ts';
import type { SimulatedRequest, Simulator, World } from './simulator.ts';

export interface ControlParts {
  readonly world: World;
  readonly simulator: Simulator;
  reset(): Promise<void>;
  /** With TLS: the PEM certificate of the authority to trust. */
  readonly authority?: string | undefined;
}

/** Query and body together: simple clients can only write URLs. */
type Fields = Readonly<Record<string, unknown>>;
interface Call extends ControlParts {
  readonly query: URLSearchParams;
  readonly fields: Fields;
}
/** A plain value becomes JSON; a text goes out as it is. */
type Answer =
  | { readonly status?: number; readonly json: unknown }
  | { readonly text: string; readonly type: string };
type Route = (call: Call) => Promise<Answer> | Answer;

const json = (value: unknown, status = 200): Answer => ({ json: value, status });

function textField(fields: Fields, field: string, rule = 'a text'): string {
  const value = fields[field];
  if (typeof value === 'string' && value.length > 0 && value.length <= 256) return value;
  throw problem({ field, rule, message: `${field} is missing or no such text.` });
}

function numberField(fields: Fields, field: string): number {
  const value = fields[field];
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof read === 'number' && Number.isFinite(read)) return read;
  throw problem({ field, rule: 'a finite number', message: `${field} is no number.` });
}

function momentField(fields: Fields, field: string): number {
  const value = fields[field];
  const read = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(read) ? numberField(fields, field) : read;
}

function journalFilter({ fields }: Call): JournalFilter {
  const { direction, operation, id, fault } = fields as Record<string, string | undefined>;
  if (direction !== undefined && direction !== 'request' && direction !== 'notification') {
    const rule = 'request or notification';
    throw problem({
      field: 'direction',
      rule,
      message: `No entry has the direction ${direction}.`,
    });
  }
  const given = { direction, operation, id, fault };
  const counts = ['after', 'limit'].filter((name) => fields[name] !== undefined);
  const numbers = counts.map((name) => [name, numberField(fields, name)]);
  const texts = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries([...texts, ...numbers]);
}

/** What `POST /_sim/clock` may ask for. */
const clockMoves: Readonly<Record<string, (call: Call) => Promise<void> | void>> = {
  advanceMs: ({ world, fields }) => world.clock.advance(numberField(fields, 'advanceMs')),
  to: ({ world, fields }) => world.clock.advanceTo(momentField(fields, 'to')),
  freeze: ({ world }) => world.clock.freeze(),
  resume: ({ world }) => world.clock.resume(),
  speed: ({ world, fields }) => world.clock.speed(numberField(fields, 'speed')),
};

async function moveClock(call: Call): Promise<Answer> {
  const asked = Object.keys(call.fields).filter((name) => call.fields[name] !== false);
  const unknown = asked.find((name) => clockMoves[name] === undefined);
  if (unknown !== undefined || asked.length === 0) {
    const rule = `one or more of ${Object.keys(clockMoves).join(', ')}`;
    const field = unknown ?? 'advanceMs';
    throw problem({ field, rule, message: 'The clock was not told what to do.' });
  }
  for (const [name, move] of Object.entries(clockMoves)) {
    if (asked.includes(name)) await move(call);
  }
  return json(describeClock(call.world.clock));
}

async function decide({ simulator, fields }: Call): Promise<Answer> {
  const { payer } = simulator;
  const { id: _id, decision: _decision, ...options } = fields;
  const id = textField(fields, 'id', "the merchant's order id");
  const rule = 'approve, decline or abandon';
  const decision = textField(fields, 'decision', rule);
  const decisions: Readonly<Record<string, () => Promise<unknown>>> = {
    approve: () => payer.approve(id, options),
    decline: () => payer.decline(id, options),
    abandon: () => payer.abandon(id),
  };
  const act = Object.hasOwn(decisions, decision) ? decisions[decision] : undefined;
  if (act === undefined) {
    throw problem({ field: 'decision', rule, message: `A payer cannot ${decision}.` });
  }
  return json({ id, decision, result: (await act()) ?? null });
}

function disarm({ world, fields }: Call): Answer {
  if (fields['ruleId'] === undefined) {
    world.faults.clear();
    return json({ cleared: true });
  }
  const ruleId = textField(fields, 'ruleId');
  if (world.faults.disarm(ruleId)) return json({ disarmed: ruleId });
  throw problem({ field: 'ruleId', message: `No fault has the rule id ${ruleId}.`, status: 404 });
}

async function settle({ simulator, fields }: Call): Promise<Answer> {
  const rule = 'an existing day written YYYY-MM-DD';
  const date = textField(fields, 'date', rule);
  if (!isDay(date)) throw problem({ field: 'date', rule, message: `${date} is no day.` });
  return json({ date, result: (await simulator.settle(date)) ?? null });
}

function showAuthority({ authority }: Call): Answer {
  if (authority !== undefined) return { text: authority, type: 'application/x-pem-file' };
  const message = 'No certificate was made: the simulator runs without TLS, or brought its own.';
  throw problem({ field: 'path', rule: 'a simulator started with tls', message, status: 404 });
}

/** By path, then by method. */
const routes: Readonly<Record<string, Readonly<Record<string, Route>>>> = {
  '': { GET: (call) => ({ text: consolePage(call), type: 'text/html' }) },
  authority: { GET: showAuthority },
  discovery: { GET: ({ simulator, query }) => json(simulator.discovery(query)) },
  journal: {
    GET: (call) => json(call.world.journal.entries(journalFilter(call))),
    DELETE: ({ world }) => {
      world.journal.clear();
      return json({ cleared: true });
    },
  },
  faults: {
    GET: ({ world }) => json(world.faults.list()),
    POST: ({ world, fields }) => json({ ruleId: world.faults.arm(ruleFromText(fields)) }, 201),
    DELETE: disarm,
  },
  clock: { GET: ({ world }) => json(describeClock(world.clock)), POST: moveClock },
  payer: { GET: decide, POST: decide },
  book: {
    GET: ({ simulator, fields }) =>
      json(simulator.book(fields['id'] === undefined ? undefined : textField(fields, 'id'))),
  },
  notifications: { GET: ({ world }) => json(world.notifier.pending()) },
  settle: { POST: settle },
  reset: {
    POST: async ({ reset }) => {
      await reset();
      return json({ reset: true });
    },
  },
};

function bodyFields({ headers, body }: SimulatedRequest): Fields {
  if (body.length === 0) return {};
  const text = new TextDecoder().decode(body);
  if (/x-www-form-urlencoded/.test(headers['content-type'] ?? '') && !text.startsWith('{')) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return { ...read };
  } catch {
    // Told below, as for any other body that is no object.
  }
  const rule = 'a JSON object, or a form';
  throw problem({ field: 'body', rule, message: 'The body cannot be read.' });
}

function routeOf(request: SimulatedRequest): Route {
  const name = request.path.replace(/^\/_sim\/?/, '').replace(/\/$/, '');
  const methods = Object.hasOwn(routes, name) ? routes[name] : undefined;
  if (methods === undefined) {
    const known = Object.keys(routes).map((path) => `/_sim/${path}`);
    const message = `There is no ${request.path}.`;
    throw problem({ field: 'path', rule: `one of ${known.join(', ')}`, message, status: 404 });
  }
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const route = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (route !== undefined) return route;
  const rule = Object.keys(methods).join(' or ');
  const message = `${request.path} does not take ${request.method}.`;
  throw problem({ field: 'method', rule, message, status: 405 });
}

const errorBody = ({ field, rule, message }: Problem) => ({ error: { field, rule, message } });

/**
 * Steering mistakes keep their status; what a simulator throws besides is a conflict with its
 * state.
 */
function answerError(error: unknown): Answer {
  const known = problemOf(error);
  if (known !== undefined) return json(errorBody(known), known.status);
  return json(errorBody({ message: error instanceof Error ? error.message : String(error) }), 409);
}

function replyOf(channel: string, answer: Answer): EdgeResult {
  const [type, text, status] =
    'text' in answer
      ? [answer.type, answer.text, 200]
      : ['application/json', `${JSON.stringify(answer.json ?? null)}\n`, answer.status ?? 200];
  const body = new TextEncoder().encode(text);
  const headers = {
    'content-type': `${type}; charset=utf-8`,
    'content-length': String(body.length),
    'cache-control': 'no-store',
    // A connection used for steering is not one to be refused or broken later.
    connection: 'close',
    [simulatorHeader]: channel,
  };
  return { kind: 'reply', status, headers, body };
}

/** Buttons of the console come back to it. */
const backToConsole = (channel: string): EdgeResult => ({
  kind: 'reply',
  status: 303,
  headers: { location: '/_sim/', 'content-length': '0', [simulatorHeader]: channel },
  body: new Uint8Array(0),
});

export function createControl(parts: ControlParts) {
  const { channel, pages = [] } = parts.simulator;
  const answer = async (request: SimulatedRequest): Promise<EdgeResult> => {
    const route = routeOf(request);
    const query = new URLSearchParams(request.query);
    const { back, ...fields } = { ...Object.fromEntries(query), ...bodyFields(request) } as Fields;
    const result = await route({ ...parts, query, fields: fields as Fields });
    return back === 'console' ? backToConsole(channel) : replyOf(channel, result);
  };
  return {
    owns: (path: string): boolean =>
      path === '/_sim' || (path.startsWith('/_sim/') && !pages.includes(path)),
    async serve(request: SimulatedRequest): Promise<EdgeResult> {
      try {
        return await answer(request);
      } catch (error) {
        return replyOf(channel, answerError(error));
      }
    },
  };
}
