/** conformance · explore: finds out once what a site is good for, by trying. */
import type { Noun, Outcome, Scene } from '@polyrail/core';
import { attempt, orderFor, pay } from './acts.ts';
import { signedAgreement, signUp, signUpFor, signUpScenes } from './agreements.ts';
import { isExplored, note } from './found.ts';
import { authorize, holdFor, holdScenes } from './holds.ts';
import type { Client, Stage } from './stage.ts';

/** Whether making a call sends something, whatever comes of it. */
async function sends(
  stage: Stage,
  call: (client: Client) => Promise<Outcome<Noun>>,
): Promise<boolean> {
  const client = stage.connect();
  await attempt(() => call(client));
  return client.spy.exchanges.some(({ sent }) => sent);
}

async function sendingOf<S>(
  stage: Stage,
  scenes: readonly S[],
  call: (client: Client, scene: S) => Promise<Outcome<Noun>>,
): Promise<readonly S[]> {
  const sending: S[] = [];
  for (const scene of scenes) {
    if (await sends(stage, (client) => call(client, scene))) sending.push(scene);
  }
  return sending;
}

/** Without an agreement to charge, the scene `agreement` is not one of those that can be tried. */
async function exploreAgreements(stage: Stage): Promise<readonly Scene[]> {
  const { channel } = stage.client;
  if (channel.signUp === undefined) return [];
  note(stage.site, {
    signUp: await sendingOf(stage, signUpScenes(stage.client), (client, scene) =>
      signUp(client, signUpFor(stage, scene)),
    ),
  });
  const { result } = await attempt(() => signedAgreement(stage));
  if (result === undefined) return [];
  note(stage.site, { agreement: result.ref });
  return ['agreement'];
}

/** Finds out which scenes talk to the channel, and has an agreement signed that may be charged. */
export async function explore(stage: Stage): Promise<void> {
  const { channel } = stage.client;
  if (isExplored(stage.site)) return;
  note(stage.site, {});
  const chargeable = await exploreAgreements(stage);
  const scenes = stage.scenes.filter(
    (scene) => scene !== 'agreement' || chargeable.includes(scene),
  );
  if (channel.pay !== undefined) {
    const paying = await sendingOf(stage, scenes, (client, scene) =>
      pay(client, orderFor(stage, { scene })),
    );
    note(stage.site, { pay: paying });
  }
  if (channel.authorize !== undefined) {
    const holding = await sendingOf(stage, holdScenes(stage.client), (client, scene) =>
      authorize(client, holdFor(stage, { scene })),
    );
    note(stage.site, { authorize: holding });
  }
  await stage.settled();
}
