import type { TaskType } from '../domain/column.js';
import type { Task } from './contract.js';
import { anomaly } from './tasks/anomaly.js';
import { binary } from './tasks/binary.js';
import { multiclass } from './tasks/multiclass.js';
import { regression } from './tasks/regression.js';

/**
 * All kinds of questions, in the order of lists. A new one is one file, one line here, and its word in `taskType` (lib/domain/column.ts).
 */
export const TASKS: readonly Task[] = [binary, multiclass, regression, anomaly];

const byId = new Map(TASKS.map((task) => [task.id, task]));

export const taskById = (id: TaskType): Task => byId.get(id)!;
