import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import { badConfig, requireConfig } from '../src/config.ts';
import { thrown } from './support/errors.ts';

const schema = z.strictObject({
  appId: z.string({ error: 'must be text' }),
  auth: z.optional(z.strictObject({ token: z.string({ error: 'must be wrapped' }) })),
});
const refused = (config: object) => thrown(() => requireConfig(schema.safeParse(config)));

it('a sound configuration passes', () => {
  expect(() => requireConfig(schema.safeParse({ appId: '1' }))).not.toThrow();
});

it.each([
  [{}, 'config.appId', 'must be text'],
  [{ appId: '1', auth: {} }, 'config.auth.token', 'must be wrapped'],
  [{ appId: '1', colour: 'red' }, 'config.colour', 'is not known here'],
  [{ appId: '1', auth: { token: 'x', tokn: 'y' } }, 'config.auth.tokn', 'is not known here'],
])('%o is refused at its member, without its values', (config, field, rule) => {
  const error = refused(config);
  expect(error).toMatchObject({ code: 'CONFIG_INVALID', field });
  expect(error.message).toContain(`${field} ${rule}`);
  expect(error.message).not.toContain('red');
});

it('the whole is blamed where no member is', () => {
  expect(badConfig('', 'is nothing')).toMatchObject({
    message: 'config is nothing',
    field: 'config',
  });
});
