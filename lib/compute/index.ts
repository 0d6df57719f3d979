export { serveTasks } from './child.js';
export { defineTask, type Task, type TaskContext } from './contract.js';
export { createPool, defaultEntry, sharedPool, type Measured, type Pool, type PoolOptions, type RunOptions } from './pool.js';
