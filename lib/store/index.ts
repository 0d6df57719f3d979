export type * from './contract.js';
export { resolveStore } from './location.js';
export { openStore } from './openStore.js';
export { signLink, verifyLink } from './seal/links.js';
