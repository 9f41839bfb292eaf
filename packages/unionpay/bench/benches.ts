/** bench · benches: what this room measures; each name is a program beside this file. */
export const benches = {
  pay: 'the round trip of a payment by token',
  statement: 'a file of a million rows',
} as const;
