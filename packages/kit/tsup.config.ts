import { preset } from '../../.config/tsup.ts';

export default preset({
  transport: 'src/transport.ts',
  keys: 'src/keys.ts',
  rsa: 'src/rsa.ts',
  sm2: 'src/sm2.ts',
  sm4: 'src/sm4.ts',
  signer: 'src/signer.ts',
  aes: 'src/aes.ts',
  gcm: 'src/gcm.ts',
  oaep: 'src/oaep.ts',
  canonical: 'src/canonical.ts',
  charset: 'src/charset.ts',
  csv: 'src/csv.ts',
  zip: 'src/zip.ts',
  gzip: 'src/gzip.ts',
  compare: 'src/compare.ts',
  clock: 'src/clock.ts',
  random: 'src/random.ts',
  logger: 'src/logger.ts',
});
