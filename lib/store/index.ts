export type * from './contract.js';
export { DEFAULT_POLICY } from './aliases.js';
export { resolveStore, type Environment } from './location.js';
export { openStore } from './openStore.js';
export { signLink, verifyLink, type LinkPayload } from './sign.js';
