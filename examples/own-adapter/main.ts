/** Runs the laws on an adapter of one's own. `node --test` shows each law as a test. */
import { describe, it } from 'node:test';
import { conform } from '@polyrail/conformance';
import { secret } from '@polyrail/core';
import { createTeaHouse } from './channel.ts';
import { startTeaHouse } from './site.ts';

conform(
  { describe, it },
  {
    name: 'tea-house',
    start: startTeaHouse,
    create: ({ url, credentials }, context) =>
      createTeaHouse(
        { till: credentials.till, key: secret(credentials.key), baseUrl: url },
        context,
      ),
    secrets: ({ credentials }) => [credentials.key],
  },
);
