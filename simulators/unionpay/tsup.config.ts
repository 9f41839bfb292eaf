import { preset } from '../../.config/tsup.ts';

export default preset({
  index: 'src/index.ts',
  undici: 'src/undici.ts',
  msw: 'src/msw.ts',
  nock: 'src/nock.ts',
});
