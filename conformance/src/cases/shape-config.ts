/** conformance · shape-config: laws about configurations that cannot be used. */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { Channel } from '@polyrail/core';
import { attempt, orderFor, pay, requireError } from '../acts.ts';
import { type Law, notApplicable } from '../law.ts';
import { leaves } from '../leaves.ts';
import { createSpy } from '../spy.ts';
import type { Stage } from '../stage.ts';
import type { InvalidCredentials } from '../subject.ts';

/** The value of a configuration's member, by its path `config.certificates.root`. */
function valueAt(credentials: unknown, field: string): unknown {
  const path = field.split('.').slice(1);
  return path.reduce<unknown>(
    (found, name) =>
      typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined,
    credentials,
  );
}

/** Texts of an offending value that a message must not repeat: whole, and line by line. */
function tellingParts(value: unknown): readonly string[] {
  return leaves(value)
    .flatMap((text) => [text, ...text.split(/\r?\n/)])
    .filter((part) => part.trim().length >= 4 && !part.startsWith('-----'));
}

/** Making the channel, or its first verb, must end with `CONFIG_INVALID`. */
async function requireBlame(stage: Stage, wrong: InvalidCredentials): Promise<void> {
  const { what, field, credentials } = wrong;
  const spy = createSpy(stage.site.transport);
  const make = async (): Promise<Channel> => {
    const context = { transport: spy.transport, clock: stage.site.clock };
    return stage.subject.create(stage.site, context, credentials);
  };
  for (const scene of stage.scenes) {
    const where = `${what}, pay (${scene})`;
    const run = async () =>
      pay({ ...stage.client, channel: await make() }, orderFor(stage, { scene }));
    const error = requireError(await attempt(run), ['CONFIG_INVALID'], where);
    assert.equal(error.field, field, `${where}: the error blames ${error.field}: ${error.message}`);
    assert.equal(spy.exchanges.length, 0, `${where}: something was sent all the same`);
    const printed = `${inspect(error, { depth: 20, showHidden: true })} ${JSON.stringify(error)}`;
    for (const part of tellingParts(valueAt(credentials, field))) {
      assert.ok(!printed.includes(part), `${where}: the error repeats the value it blames`);
    }
  }
}

export const configurationLaws: readonly Law[] = [
  {
    id: 'SHAPE-10',
    sentence:
      'A configuration that cannot be used is CONFIG_INVALID, by name and without its value',
    why: 'a wrong key found after the first byte leaves a payment in doubt; a printed key is lost',
    level: 1,
    verbs: ['pay'],
    async run(stage) {
      const invalid = stage.subject.samples?.invalidCredentials?.(stage.site) ?? [];
      if (invalid.length === 0) notApplicable('the subject names no invalid credentials');
      for (const wrong of invalid) await requireBlame(stage, wrong);
    },
  },
];
