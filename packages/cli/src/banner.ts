/** cli · banner: what a person reads once a simulator is up. */
import type { Site } from '@polyrail/simulator';

/** Address, where to look, and the first commands to try. */
export function bannerOf(site: Site): string {
  const curl = site.url.startsWith('https:') ? 'curl --insecure' : 'curl';
  const fault = `'{"fault":"drop-reply","times":1}'`;
  return [
    '',
    `  ${site.channel} simulator   ${site.url}`,
    '',
    `  console     ${site.url}/_sim/`,
    `  discovery   ${site.url}/_sim/discovery   (ids and keys to configure a client with)`,
    `  journal     ${site.url}/_sim/journal`,
    `  seed        ${site.seed}   (the same --seed replays the same run)`,
    '',
    '  Lose the next reply, after the work was done:',
    `    ${curl} -d ${fault} ${site.url}/_sim/faults`,
    '  Let an hour pass:',
    `    ${curl} -d '{"advanceMs":3600000}' ${site.url}/_sim/clock`,
    '',
    '  No money moves here. Ctrl-C stops it.',
    '',
    '',
  ].join('\n');
}
