import { logistic } from './logistic.js';
import type { Loss } from './loss.js';
import { softmax } from './softmax.js';
import { squared } from './squared.js';

export type { Loss, LossRows } from './loss.js';

export const LOSSES: readonly Loss[] = [logistic, softmax, squared];

export const lossOf = (id: string): Loss | undefined => LOSSES.find((l) => l.id === id);
