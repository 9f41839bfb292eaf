/** conformance · shape-errors: laws about what verbs throw. */
import assert from 'node:assert/strict';
import { type Code, isPolyrailError, type Verb } from '@polyrail/core';
import { type Attempt, attempt, wordsOf } from '../acts.ts';
import { drillsOf, type Ready } from '../drills.ts';
import { type Failure, failuresOf } from '../failures.ts';
import type { Law } from '../law.ts';
import type { Client, Stage } from '../stage.ts';

/** What any verb may throw: nothing was sent, or the channel verifiably refused the message. */
const anyVerb: readonly Code[] = [
  'CONFIG_INVALID',
  'REQUEST_INVALID',
  'UNSUPPORTED',
  'NOT_SENT',
  'ABORTED',
  'REFUSED',
];
const readingVerb: readonly Code[] = [
  ...anyVerb,
  'UNAVAILABLE',
  'REPLY_UNVERIFIED',
  'REPLY_UNREADABLE',
  'NOT_READY',
];
const receiving: readonly Code[] = [
  'NOTIFICATION_UNVERIFIED',
  'NOTIFICATION_STALE',
  'NOTIFICATION_FOREIGN',
];

interface Place {
  readonly verb: Verb;
  readonly codes: readonly Code[];
  readonly where: string;
}

/** An ending that throws must throw an error of the contract that says where it comes from. */
function requireNamed(client: Client, ending: Attempt<unknown>, place: Place): void {
  const { error } = ending;
  if (error === undefined) return;
  const { verb, codes } = place;
  const where = `${place.where}: ${wordsOf(ending)}`;
  const ours = isPolyrailError(error) ? error : undefined;
  assert.ok(ours !== undefined, `${where}, which is no error of the contract`);
  assert.ok(codes.includes(ours.code), `${where}, which ${verb} may not throw`);
  assert.equal(ours.channel, client.channel.name, `${where}: the error's channel`);
  assert.equal(ours.verb, verb, `${where}: the error's verb`);
  assert.ok(ours.message.length > 5, `${where}: the message says nothing`);
  const { code, message } = JSON.parse(JSON.stringify(ours)) as Record<string, unknown>;
  assert.deepEqual([code, message], [ours.code, ours.message], `${where}: as JSON`);
}

/** One call, spoilt in some ways, refused and given up. */
async function requireNamedEndings(stage: Stage, ready: Ready): Promise<void> {
  const { verb, reading } = ready;
  const codes = reading ? readingVerb : anyVerb;
  const signal = AbortSignal.abort();
  const failures = failuresOf(stage);
  for (const at of stage.dice.sample(6, failures.length)) {
    const { what, arrange } = failures[at] as Failure;
    const client = stage.connect();
    if (!arrange(client)) continue;
    const ending = await attempt(() => ready.call(client));
    stage.site.faults.clear();
    requireNamed(client, ending, { verb, codes, where: `${ready.where} after ${what}` });
  }
  const client = stage.connect();
  const aborted = await attempt(() => ready.call(client, { signal }));
  requireNamed(client, aborted, { verb, codes, where: `${ready.where}, aborted beforehand` });
  const refused = await attempt(() => ready.call(client, { timeoutMs: -1 }));
  requireNamed(client, refused, { verb, codes, where: `${ready.where} with a wrong option` });
  await client.channel[Symbol.asyncDispose]();
  const late = await attempt(() => ready.call(client));
  requireNamed(client, late, { verb, codes, where: `${ready.where} after disposal` });
}

async function requireNamedRefusal(client: Client): Promise<void> {
  const { channel } = client;
  const { receive } = channel;
  if (receive === undefined) return;
  const verb = 'receive';
  for (const text of ['', '{}', 'a=b&sign=c', '<xml/>', '\0']) {
    const message = { headers: {}, body: new TextEncoder().encode(text) };
    const where = `receive of ${JSON.stringify(text)}`;
    const ending = await attempt(() => receive.call(channel, message));
    assert.ok(ending.error !== undefined, `${where}: ${wordsOf(ending)} instead of a refusal`);
    requireNamed(client, ending, { verb, codes: receiving, where });
  }
}

export const errorLaws: readonly Law[] = [
  {
    id: 'SHAPE-11',
    sentence:
      'Every error is one of the contract, of a code the verb may throw, and names its place',
    why: 'whoever catches decides by the code: with a stranger all that is left is to guess',
    level: 2,
    verbs: ['pay'],
    async run(stage) {
      for (const drill of await drillsOf(stage)) {
        await requireNamedEndings(stage, await drill.ready());
      }
      await requireNamedRefusal(stage.client);
    },
  },
];
