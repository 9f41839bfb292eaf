/** gateway storm · terms: how the merchant of a world runs his gateway, by the numbers of its payments. */

export const paymentsPerWorld = 250;

const worldOf = (number: number): number => Math.floor(number / paymentsPerWorld);

/** Whether orders are assessed before anything is sent: in every second world. */
export const isAssessed = (number: number): boolean => worldOf(number) % 2 === 1;

/** Whether UnionPay granted him mandates, instead of tokens: in every third world. */
export const hasMandates = (number: number): boolean => worldOf(number) % 3 === 2;

/** Whether channels that do not answer are spared, and calls limited: in every fifth world. */
export const isSparing = (number: number): boolean => worldOf(number) % 5 === 3;

/** Whether channels sign that they refuse what they have taken: in every sixth world. */
export const isContrary = (number: number): boolean => worldOf(number) % 6 === 5;

/** Whether two processes run side by side over one store: in two worlds of seven. */
export const isPaired = (number: number): boolean => [4, 6].includes(worldOf(number) % 7);
