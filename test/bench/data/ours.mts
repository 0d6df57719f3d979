// What our programs of all cases share.
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import type { Answer, Task } from './contract.mts';

const require = createRequire(import.meta.url);
const dist = path.resolve(import.meta.dirname, '../../../dist/lib');

/** A module of the built package. */
export const from = <M,>(file: string): M => require(path.join(dist, file)) as M;

export const task = (): Task => JSON.parse(process.argv.at(-1)!) as Task;

export const answer = (said: Answer): void => void process.stdout.write(`${JSON.stringify(said)}\n`);
