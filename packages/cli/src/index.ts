/** polyrail: the command line as a function, for other programs and for tests. */
export { type Channels, channels, type StartOptions, type StartSimulator } from './channels.ts';
export { runCommand, type Surroundings } from './program.ts';
