import { preset } from '../../.config/tsup.ts';

export default preset({ index: 'src/index.ts', postgres: 'src/postgres/index.ts' });
