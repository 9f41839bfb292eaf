/** conformance · aim: which exchange of a call is the one that moves, so that a fault strikes that one. */
import type { TransportRequest, Verb } from '@polyrail/core';
import { attempt } from './acts.ts';
import { pictureOf } from './book.ts';
import { type Drill, drillsOf, type Ready } from './drills.ts';
import { notApplicable } from './law.ts';
import { edited, type Intervention } from './spy.ts';
import type { Client, Stage } from './stage.ts';

/**
 * A call may need more exchanges than one: a token or a certificate before it, a file after it. The
 * one that moves is told from them by its method and path, and by how many like it go before.
 */
export interface Aim {
  readonly only: (request: TransportRequest) => boolean;
  readonly skip: number;
}

/** What names an operation where one path serves them all: `alipay.trade.query`. */
const operationName = /(?<![\w.%-])[a-z]+(?:\.[a-z]+){2,}(?![\w.%-])/;

/** A path with its ids left out, and the operation where the request names one. */
const roadOf = ({ method, url, body = '' }: TransportRequest): string => {
  const { host, pathname, search } = new URL(url);
  const parts = pathname
    .split('/')
    .map((part) => (/\d/.test(part) && part.length > 5 ? '*' : part));
  const said = `${search} ${Buffer.from(body).toString('latin1')}`;
  const [operation = ''] = operationName.exec(said) ?? [];
  return `${method} ${host}${parts.join('/')} ${operation}`;
};

interface Step {
  readonly road: string;
  readonly moved: boolean;
}

/** The exchanges of an honest call, and during which of them the book changed. */
async function rehearse(stage: Stage, drill: Drill): Promise<readonly Step[]> {
  const ready = await drill.ready();
  const client = stage.connect();
  const steps: Step[] = [];
  const watching: Intervention = async (crossing) => {
    const before = JSON.stringify(await pictureOf(stage, ready.about));
    const reply = await edited(() => ({}))(crossing);
    const moved = JSON.stringify(await pictureOf(stage, ready.about)) !== before;
    steps.push({ road: roadOf(crossing.exchange.request), moved });
    return reply;
  };
  client.spy.plan(watching, { times: 20 });
  await attempt(() => ready.call(client));
  return steps;
}

const rehearsals = new WeakMap<object, Map<string, readonly Step[]>>();

async function stepsOf(stage: Stage, drill: Drill): Promise<readonly Step[]> {
  const known = rehearsals.get(stage.site) ?? new Map<string, readonly Step[]>();
  rehearsals.set(stage.site, known);
  const steps = known.get(drill.where) ?? (await rehearse(stage, drill));
  known.set(drill.where, steps);
  return steps;
}

function aimOf(steps: readonly Step[], at: number): Aim {
  const road = steps[at]?.road;
  const skip = steps.slice(0, Math.max(0, at)).filter((step) => step.road === road).length;
  return { only: (request) => road === undefined || roadOf(request) === road, skip };
}

/** A call about to be made, with a fault aimed at the exchange that matters. */
export interface Target {
  readonly ready: Ready;
  readonly aim: Aim;
  readonly client: Client;
  /** Spoils the exchange, and those like it that follow if told so. */
  spoil(intervention: Intervention, times?: number): void;
  /** How often the exchange was made, or tried. */
  tries(): number;
  /** How often its first byte left. */
  sent(): number;
}

async function target(stage: Stage, drill: Drill, aim: Aim): Promise<Target> {
  const ready = await drill.ready();
  const client = stage.connect();
  const like = () => client.spy.exchanges.filter(({ request }) => aim.only(request));
  return {
    ready,
    aim,
    client,
    spoil: (intervention, times = 1) => client.spy.plan(intervention, { ...aim, times }),
    tries: () => Math.max(0, like().length - aim.skip),
    sent: () => Math.max(0, like().filter(({ sent }) => sent).length - aim.skip),
  };
}

/** The exchange of a call during which the book changes; where none does, the last one. */
export async function movingTarget(stage: Stage, drill: Drill): Promise<Target> {
  const steps = await stepsOf(stage, drill);
  const moving = steps.findIndex(({ moved }) => moved);
  return target(stage, drill, aimOf(steps, moving < 0 ? steps.length - 1 : moving));
}

/** Every exchange of a call that only reads, one target each; the last one answers. */
export async function readingTargets(stage: Stage, drill: Drill): Promise<readonly Target[]> {
  const steps = await stepsOf(stage, drill);
  const targets: Target[] = [];
  for (const at of steps.keys()) targets.push(await target(stage, drill, aimOf(steps, at)));
  return targets;
}

/** The exchange that moves, of the first call of a verb; not applicable where it has none. */
export async function verbTarget(stage: Stage, verb: Verb): Promise<Target> {
  const drill = (await drillsOf(stage)).find((one) => one.verb === verb);
  return drill === undefined
    ? notApplicable(`${verb} cannot be tried`)
    : movingTarget(stage, drill);
}
