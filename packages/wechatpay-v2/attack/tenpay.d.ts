/** The client has no types of its own. */
declare module 'tenpay';
