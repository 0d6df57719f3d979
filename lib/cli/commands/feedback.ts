import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod/v4';
import { feedback as tell, feedbackRequest } from '../../app/calls/feedbackCall.js';
import { feedbackText } from '../../notify/feedbackText.js';
import { defineCommand, EXIT } from '../contract.js';
import { handOn, itemOption, readItem } from '../item.js';

const STDIN = '-';
const { truths: _rows, ...asked } = feedbackRequest.shape;

/** MLOps Feedback. */
export const feedback = defineCommand({
	name: 'feedback',
	does: 'Tells what turned out to be true of answers, one a row (3: some rows were refused).',
	args: ['file'],
	options: z.object({
		...asked,
		file: asked.file.meta({
			description: 'JSON lines, or a CSV, Parquet or Excel file, one truth a row; - for standard input',
			placeholder: 'FILE',
		}),
		...itemOption,
	}),
	examples: [
		'mlops feedback truths.csv --key customer --time asked --truth churned --model churn',
		`echo '{"id":"0190b3d1-...","truth":"yes"}' | mlops feedback -`,
	],
	async run({ item: from, file, ...options }, desk) {
		const item = readItem(from);
		const session = await desk.session();
		const typed = file === STDIN ? join(tmpdir(), `mlops-${randomUUID()}`) : undefined;
		try {
			if (typed) await pipeline(process.stdin, createWriteStream(typed, { mode: 0o600 }));
			const carried = file === undefined && options.dataset === undefined && item.dataset !== undefined ? { dataset: item.dataset } : {};
			const outcome = await tell(session, { ...options, ...carried, ...(file === undefined ? {} : { file: typed ?? file }) } as Parameters<
				typeof tell
			>[1]);
			const { feedback: told } = outcome.fields;
			return {
				json: handOn(item, outcome, desk.context),
				exit: told.refused > 0 ? EXIT.no : EXIT.done,
				text: [
					feedbackText(told),
					...(told.refusals ?? []).slice(0, 20).map(({ message, expected, found }) => `${message} Expected: ${expected}. Found: ${found}.`),
				].join('\n'),
			};
		} finally {
			if (typed) await rm(typed, { force: true });
		}
	},
});
