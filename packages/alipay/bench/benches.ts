/** bench · benches: what this room measures; each name is a program beside this file. */
export const benches = {
  pay: 'the round trip of a payment',
  open: 'a notification verified and read',
  statement: 'a statement of a million lines',
  start: 'installed size and first import',
  simulator: "the simulator's answers",
} as const;
