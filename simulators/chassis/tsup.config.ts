import { preset } from '../../.config/tsup.ts';

export default preset({
  index: 'src/index.ts',
  doctor: 'src/doctor.ts',
  undici: 'src/mounts/undici.ts',
  msw: 'src/mounts/msw.ts',
  nock: 'src/mounts/nock.ts',
});
