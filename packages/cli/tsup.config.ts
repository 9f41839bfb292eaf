import { preset } from '../../.config/tsup.ts';

export default preset({ main: 'src/main.ts' });
