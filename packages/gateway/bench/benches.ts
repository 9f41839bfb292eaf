/** bench · benches: what this room measures; each name is a program beside this file. */
export const benches = {
  payments: 'durable payments beside bare calls and bare transactions',
  added: 'what the gateway adds to a call at half load',
  inbox: 'notifications verified, stored and applied',
  resolver: 'the cost of asking, as ever more is pending',
  memory: 'ten minutes of payments to their end: does memory stay?',
} as const;
