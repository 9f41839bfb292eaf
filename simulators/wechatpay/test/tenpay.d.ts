/** Test aid: the client has no types of its own. */
declare module 'tenpay';
