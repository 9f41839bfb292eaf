/** conformance · notification, probes: the law of messages that a channel seals wrongly on purpose. */
import assert from 'node:assert/strict';
import type { Notification } from '@polyrail/core';
import {
  type Attempt,
  arm,
  attempt,
  orderFor,
  paidOrder,
  pay,
  query,
  requireError,
  struck,
  truthOf,
  verbOf,
  wordsOf,
} from '../acts.ts';
import { type Law, notApplicable } from '../law.ts';
import type { Client, Stage } from '../stage.ts';

const fault = 'sign-probe';

function requireQuiet({ log }: Client, where: string): void {
  const loud = log.entries.filter(({ level }) => level === 'error' || level === 'warn');
  assert.equal(loud.length, 0, `${where}: the log says ${loud.map(({ event }) => event).join()}`);
}

/** Answers what is delivered as a merchant would, and keeps how each delivery ended. */
function answering(stage: Stage, client: Client) {
  const endings: Attempt<Notification>[] = [];
  stage.site.listen(async (message) => {
    const ending = await attempt(() => verbOf(client.channel, 'receive')(message));
    endings.push(ending);
    const { result: stored, error } = ending;
    const verdict = stored === undefined ? { refused: error as Error } : { stored };
    return verbOf(client.channel, 'acknowledge')(verdict);
  });
  return endings;
}

/** The probe is refused and answered so; what it would have told comes again, and is believed. */
async function requireProbeRefused(stage: Stage): Promise<void> {
  const client = stage.connect();
  const operation = stage.subject.samples?.operations?.receive;
  arm(stage, fault, operation === undefined ? {} : { operation });
  const endings = answering(stage, client);
  const { id } = await paidOrder(stage);
  if (!struck(stage, fault)) notApplicable('no notification of the site is a probe');
  const before = await truthOf(stage, id);
  const [probe] = endings;
  assert.ok(probe, 'the probe did not come');
  requireError(probe, ['NOTIFICATION_UNVERIFIED'], 'a probe');
  const ladderMs = stage.client.channel.capabilities.notificationLadderMs ?? [];
  for (const gapMs of ladderMs.slice(0, 3)) await stage.site.clock.advance(gapMs);
  const told = endings
    .slice(1)
    .filter(({ result }) =>
      result?.facts.some(({ ref, status }) => ref.merchantId === id && status === 'succeeded'),
    );
  assert.equal(told.length, 1, `the payment was told ${told.length} times after the probe`);
  assert.deepEqual(await truthOf(stage, id), before, 'the book changed by a probe');
  requireQuiet(client, 'a probe');
}

/** A probe in place of a reply leaves a payment in doubt, and a question unanswered at most. */
async function requireProbedReplyDoubted(stage: Stage): Promise<void> {
  const client = stage.connect();
  arm(stage, fault);
  const started = await attempt(() => pay(client, orderFor(stage)));
  if (!struck(stage, fault)) return;
  stage.site.faults.clear();
  const { status, doubt } = (started.result ?? {}) as Record<string, unknown>;
  const words = `an order that was answered with a probe: ${wordsOf(started)}`;
  assert.equal(`${status}/${doubt}`, 'unknown/unverified-reply', words);
  const { ref } = await paidOrder(stage);
  arm(stage, fault);
  const asked = await attempt(() => query(client, ref));
  const believed = asked.result?.status === 'succeeded';
  if (!believed)
    requireError(asked, ['REPLY_UNVERIFIED'], 'a query that was answered with a probe');
  requireQuiet(client, 'a probe in place of a reply');
}

export const probeLaw: Law = {
  id: 'NOTE-15',
  sentence: 'What the channel seals wrongly to see who looks is refused, answered so, and no alarm',
  why: 'who believes a probe is cut off as careless, and who cries at each is not heard in earnest',
  level: 3,
  verbs: ['pay', 'query', 'receive', 'acknowledge'],
  alone: true,
  async run(stage) {
    await requireProbedReplyDoubted(stage);
    stage.site.faults.clear();
    await requireProbeRefused(stage);
  },
};
