import { memoryByLearner, memoryWords, type Table } from '../learn/training/memory.js';

/**
 * How much memory a training on all rows of a table needs, as words: by a learner, or by those of which Automatic tries some (the least and
 * the most). Nothing where it is little. @param learner as the form has it; what it does not know is Automatic
 */
export function memoryToTrain(table: Table, learner: unknown): string {
	const all = memoryByLearner(table);
	const own = all.find((l) => l.id === learner);
	if (own) return memoryWords(own.bytes);
	const bytes = all.map((l) => l.bytes).sort((a, b) => a - b);
	const most = memoryWords(bytes[bytes.length - 1]);
	return most && `${most} at most, by the learner that wants most`;
}
