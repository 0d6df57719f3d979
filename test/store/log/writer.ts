import { diskFiles } from '../../../lib/store/files.js';
import { answerText } from '../../../lib/store/log/lines.js';
import { createSegmentLog } from '../../../lib/store/log/segments.js';

// A process of its own that appends to a log without end, and says on its standard output what was confirmed. Segments are small, so that
// one is being sealed most of the time. `count`: so many lines, and it ends orderly.
const [, , home, name, count] = process.argv as [string, string, string, string, string?];

async function main(): Promise<void> {
	const log = createSegmentLog({
		home,
		files: diskFiles,
		journal: { sealed: async () => {}, removed: async () => {} },
		limits: { bytes: 20_000, ms: 3_600_000 },
	});
	await log.recover();
	let next = 0;
	const lane = async (durable: boolean): Promise<void> => {
		while (count === undefined || next < Number(count)) {
			const id = `${name} ${next++}`;
			const text = answerText({
				at: new Date().toISOString(),
				model: 'churn@1',
				digest: 'd',
				requestId: id,
				input: { text: 'x'.repeat(next % 300) },
				prediction: 1,
				score: [1],
			});
			await log.append('answers', Buffer.from(text), { durable });
			process.stdout.write(`${id}\n`);
		}
	};
	await Promise.all([true, true, false, false].map(lane));
	await log.settle();
}

void main();
