/** conformance · seal, its client certificate: the law of calls that TLS must vouch for. */
import assert from 'node:assert/strict';
import { isPolyrailError } from '@polyrail/core';
import { type Attempt, attempt, requireError, requireNo, requireStatus } from '../acts.ts';
import { movesOf, pictureOf } from '../book.ts';
import { type Drill, drillsOf, payoutDrills, type Ready } from '../drills.ts';
import { foundOn, note } from '../found.ts';
import { type Law, notApplicable } from '../law.ts';
import { createStage, type Stage } from '../stage.ts';
import type { ClientIdentity, ClientTls, Site, Subject } from '../subject.ts';

/** Another stage, where channels go their own road behind TLS. */
function stageBehindTls(stage: Stage, tls: ClientTls, site: Site): Stage {
  const subject: Subject = {
    ...stage.subject,
    create: (at, { transport: _observed, ...context }) => tls.create(at, context, 'own'),
  };
  const { pay } = foundOn(stage.site);
  note(site, { pay: pay.filter((scene) => scene !== 'agreement') });
  return createStage({ subject, site, seed: 1, lawId: 'SEAL-12', counter: { count: 0 } });
}

async function drillsBehindTls(stage: Stage, { verbs }: ClientTls): Promise<readonly Drill[]> {
  const all = stage.client.channel.pay === undefined ? payoutDrills(stage) : await drillsOf(stage);
  const drills = verbs.flatMap((verb) => all.find((drill) => drill.verb === verb) ?? []);
  assert.equal(drills.length, verbs.length, `setting the stage: ${verbs.join(', ')} behind TLS`);
  return drills;
}

const unsent: readonly string[] = ['CONFIG_INVALID', 'NOT_SENT'];

/** Makes the call with another identity; `undefined` where there is no channel to make it with. */
async function callAs(
  { stage, tls, ready }: { readonly stage: Stage; readonly tls: ClientTls; readonly ready: Ready },
  identity: ClientIdentity,
): Promise<Attempt<unknown> | undefined> {
  const { clock, log: logger } = stage.client;
  const made = await attempt(async () => tls.create(stage.site, { clock, logger }, identity));
  if (made.error !== undefined) {
    requireError(made, ['CONFIG_INVALID'], `a channel with certificate: ${identity}`);
    return undefined;
  }
  const { result: channel } = made;
  // A verb that is not there cannot send anything.
  if (channel === undefined || channel[ready.verb] === undefined) return undefined;
  const ending = await attempt(() => ready.call({ ...stage.client, channel }));
  await attempt(async () => channel[Symbol.asyncDispose]?.());
  return ending;
}

/** With the certificate it moves; with none or a broken one nothing leaves; with another's nothing moves. */
async function requireCertificate(stage: Stage, tls: ClientTls, drill: Drill): Promise<void> {
  const moved = async ({ about }: Ready) => JSON.stringify(movesOf(await pictureOf(stage, about)));
  const own = await drill.ready();
  const before = await moved(own);
  const ending = await attempt(() => own.call(stage.client));
  const where = `${drill.where} behind TLS`;
  const { status } = requireStatus(
    ending as Attempt<{ status: string }>,
    ['succeeded', 'pending'],
    where,
  );
  assert.ok(status === 'pending' || (await moved(own)) !== before, `${where}: nothing moved`);
  for (const identity of ['none', 'broken'] as const) {
    const ready = await drill.ready();
    const entries = stage.site.journal.entries().length;
    const made = await callAs({ stage, tls, ready }, identity);
    const words = `${where} with a certificate that is ${identity}`;
    const error = made?.error;
    const code = isPolyrailError(error) ? error.code : 'no error';
    assert.ok(made === undefined || unsent.includes(code), `${words}: ${code}`);
    const arrived = stage.site.journal.entries().length - entries;
    assert.equal(arrived, 0, `${words}: ${arrived} requests arrived all the same`);
  }
  const ready = await drill.ready();
  const unmoved = await moved(ready);
  const stranger = await callAs({ stage, tls, ready }, 'stranger');
  if (stranger !== undefined) requireNo(stranger, `${where} with another merchant’s certificate`);
  assert.equal(await moved(ready), unmoved, `${where}: it moved by another’s certificate`);
}

export const sealTlsLaws: readonly Law[] = [
  {
    id: 'SEAL-12',
    sentence: 'What needs a client certificate goes out with it, or does not go out',
    why: 'a channel that falls back to no certificate fails at every refund, or hides who asked',
    level: 2,
    async run(stage) {
      const { clientTls: tls } = stage.subject;
      if (tls === undefined) notApplicable('the channel asks for no client certificate');
      const site = await tls.start();
      try {
        const behind = stageBehindTls(stage, tls, site);
        for (const drill of await drillsBehindTls(behind, tls)) {
          await requireCertificate(behind, tls, drill);
        }
        await behind.client.channel[Symbol.asyncDispose]?.();
      } finally {
        await site.stop();
      }
    },
  },
];
