import { parentPort, workerData } from 'node:worker_threads';
import { readForms, type Part } from './cellForms.js';

// What a thread of `askForms` does: it looks at its part of the file and says what it found.
parentPort!.postMessage(readForms(workerData as Part));
