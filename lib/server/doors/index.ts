import type { Door } from '../contract.js';
import { own } from './own.js';

/** Every protocol that the server speaks. */
export const doors: readonly Door[] = [own];
