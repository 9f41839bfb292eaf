/** bench · benches: what this room measures; each name is a program beside this file. */
export const benches = {
  pay: 'the round trip of a native order',
  open: 'a notification verified, decrypted and read',
  statement: 'a bill of a million lines',
} as const;
