import { MODEL_KINDS } from '../learn/learners/index.js';
import { humanize } from './formatting.js';

/** What people call a learner: its label, or its id in words where it is one that this version does not have. */
export const learnerName = (id: string): string => MODEL_KINDS.find((l) => l.id === id)?.label ?? humanize(id);
