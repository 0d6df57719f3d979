import { z } from 'zod/v4';
import { MlopsError } from '../../domain/errors.js';
import type { ModelManifest } from '../../domain/model.js';
import { readPackage } from '../../formats/modelPackage.js';
import { answersTable, readAnswers, type ReadAnswers } from '../truth/readAnswers.js';
import { fillTable } from '../truth/fillTable.js';
import { tableWithTruth } from '../truth/resolve.js';
import { defineSource, type SourceContext } from './contract.js';
import { cutText } from '../../domain/text.js';

const moment = (title: string, description: string) =>
	z
		.string()
		.default('')
		.meta({ title, description: `${description} A date, or an expression; left empty: no limit.`, placeholder: '2026-01-31' });

type AnswerStore = NonNullable<SourceContext['store']>;

/**
 * What a model was asked, and what turned out to be true, so that a training on what really happened is one wire. Columns are those of the
 * model's signature, read as the model reads them, and the target under the name that the model knows it by.
 */
export const answersSource = defineSource({
	id: 'answers',
	label: 'Answers With Their Truth',
	description: 'What a deployed model was asked, with what turned out to be true as MLOps Feedback was told.',
	params: z.object({
		model: z
			.string()
			.min(1)
			.meta({ title: 'Model', description: 'Registered model whose answers to read: its name, or one version (churn@3).', ui: 'model' }),
		rows: z
			.enum(['true', 'all'])
			.default('true')
			.meta({
				title: 'Answers',
				description: 'Which answers to read.',
				labels: { true: 'Only Those Whose Truth Is Known', all: 'All' },
			}),
		since: moment('From', 'First moment of the answers.'),
		until: moment('Until', 'End of the answers, itself not included.'),
		answers: z.boolean().default(false).meta({
			title: 'Also what was answered',
			description: 'Also give prediction, score, version, arm and key of each answer, as columns that no model learns from.',
			advanced: true,
		}),
	}),
	nameOf: ({ model }) => (typeof model === 'string' && model.trim() ? `${model.trim().replace(/@.*$/, '')}-answers` : undefined),
	async read({ model: reference, rows, since, until, answers }, context) {
		const { store, duck } = context;
		if (!store) throw new MlopsError('input.invalid', 'Answers can only be read within a store.', { remedy: 'Open a store.' });
		const { model, version, manifest } = await modelOf(store, reference.trim());
		context.progress({ stage: 'Looking up which truth belongs to which answer' });
		await tableWithTruth(duck, store.log, 'found', {
			model,
			...(version === undefined ? {} : { versions: [version] }),
			...range('since', since),
			...range('until', until),
		});
		if (rows === 'all') await addOldAnswers(store, reference.trim(), { ...range('since', since), ...range('until', until) }, duck);
		const counts = await countsOf(duck);
		if (counts.answers === 0 || (rows === 'true' && counts.truths === 0)) throw nothing(model, counts, rows);
		if (rows === 'true')
			await duck.run('CREATE OR REPLACE TEMP TABLE found AS SELECT * FROM found WHERE truth IS NOT NULL ORDER BY "at", length(id), id');
		const read = await readAnswers('found', manifest, { rows: rows === 'true' ? counts.truths : counts.answers, more: answers }, context);
		noteCounts(counts, read, context);
		return await answersTable(model, manifest, read, context);
	},
});

const range = (name: 'since' | 'until', text: string): Partial<Record<'since' | 'until', string>> => {
	if (!text.trim()) return {};
	const time = new Date(text.trim());
	if (Number.isNaN(time.getTime()))
		throw new MlopsError('input.invalid', `"${text}" is no moment.`, {
			expected: 'a date, or a date and time such as 2026-01-31T14:03:00Z',
		});
	return { [name]: time.toISOString() };
};

/** The model, and how its newest version (or the one that is named) reads. @throws `store.not_found` */
async function modelOf(store: AnswerStore, reference: string): Promise<{ model: string; version?: number; manifest: ModelManifest }> {
	const [, model, number] = /^(.*?)(?:@(\d+))?$/.exec(reference)!;
	const version = number === undefined ? undefined : Number(number);
	const record = await store.find('modelVersion', model, version);
	if (!record) {
		const names = await store.names('modelVersion');
		throw new MlopsError('store.not_found', `There is no registered model "${reference}".`, {
			expected: names.length ? `one of: ${names.slice(0, 10).join(', ')}` : 'a model that MLOps Deploy registered',
			remedy: 'Choose a model from the list.',
		});
	}
	const { manifest } = readPackage(await store.artifacts.get(record.body.digest));
	return { model, ...(version === undefined ? {} : { version }), manifest };
}

/**
 * Answers from before the log had segments, of which no truth is known: all that the log holds before its first segment begins. They come
 * first in the table `found`.
 */
async function addOldAnswers(
	{ log, predictions }: AnswerStore,
	model: string,
	{ since, until }: { since?: string; until?: string },
	duck: SourceContext['duck'],
): Promise<void> {
	const [{ first }] = await duck.rows<{ first: string | null }>(`SELECT min("at") AS first FROM ${await log.relation('answers')}`);
	const end = first !== null && (until === undefined || first < until) ? first : until;
	const old = (await predictions({ model, ...(since ? { since } : {}), ...(end ? { until: end } : {}) })).filter(
		(e) => e.error === undefined,
	);
	if (old.length === 0) return;
	await fillTable(duck, 'old', [
		{ name: 'moment', type: 'DOUBLE', values: old.map(({ at }) => Date.parse(at)) },
		{ name: 'version', type: 'DOUBLE', values: old.map((e) => Number(e.model.split('@').at(-1))) },
		{ name: 'id', type: 'VARCHAR', values: old.map(({ requestId }) => requestId) },
		...(['input', 'prediction', 'score'] as const).map((name) => ({
			name,
			type: 'VARCHAR' as const,
			values: old.map((e) => JSON.stringify(e[name])),
		})),
	]);
	await duck.run(
		'CREATE OR REPLACE TEMP TABLE found AS SELECT make_timestamp(CAST(moment * 1000 AS BIGINT)) AS "at", ' +
			'CAST(version AS INTEGER) AS version, id, input, prediction, score FROM old UNION ALL BY NAME SELECT * FROM found',
	);
}

interface Counts {
	answers: number;
	truths: number;
	corrected: number;
	takenBack: number;
	versions: number;
}

async function countsOf({ rows }: SourceContext['duck']): Promise<Counts> {
	const [counts] = await rows<Counts>(
		`SELECT count(*) AS answers, count(truth) AS truths, count(*) FILTER (truth IS NOT NULL AND tellings > 1) AS corrected, ` +
			`count(*) FILTER (truth IS NULL AND tellings > 0) AS "takenBack", count(DISTINCT version) AS versions FROM found`,
	);
	return counts;
}

const figure = (n: number, one: string, many: string): string => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

function nothing(model: string, { answers }: Counts, rows: 'true' | 'all'): MlopsError {
	return answers === 0
		? new MlopsError('data.empty', `The log holds no answer of "${model}" in this time.`, {
				expected: 'at least one answer',
				remedy: 'Check the time, and that Predict or the server writes to the log.',
			})
		: new MlopsError(
				'data.empty',
				`Of ${figure(answers, 'answer', 'answers')} of "${model}" no truth is known${rows === 'true' ? ' yet' : ''}.`,
				{
					expected: 'at least one truth',
					remedy: 'Tell what turned out to be true with MLOps Feedback, or choose "All" under "Answers".',
				},
			);
}

function noteCounts(
	{ answers, truths, corrected, takenBack, versions }: Counts,
	{ unread, unknown }: ReadAnswers,
	{ note }: SourceContext,
): void {
	const without = answers - truths;
	note(
		'data.truth_share',
		`The truth of ${truths.toLocaleString('en')} of ${figure(answers, 'answer', 'answers')} is known` +
			(without > 0 ? `; of ${figure(without, 'answer', 'answers')} (${((100 * without) / answers).toFixed(1)} %) it is not` : '') +
			(corrected > 0
				? `; ${corrected.toLocaleString('en')} ${corrected === 1 ? 'was' : 'were'} told more than once, and what was said last counts`
				: '') +
			(takenBack > 0 ? `; ${takenBack.toLocaleString('en')} ${takenBack === 1 ? 'was' : 'were'} taken back` : '') +
			'.',
	);
	if (versions > 1) note('data.versions_mixed', `${versions} versions of the model answered; all are read as the newest one reads.`);
	for (const [column, rows] of unread)
		note('data.cell_unread', `${figure(rows, 'cell', 'cells')} of "${column}" could not be read as the model reads it: gaps.`);
	if (unknown.size > 0) {
		const named = [...unknown].slice(0, 5).map(([value, rows]) => `"${cutText(value, 80)}" (${rows.toLocaleString('en')})`);
		note(
			'data.class_unknown',
			`The model does not know ${named.join(', ')}${unknown.size > 5 ? ` and ${unknown.size - 5} more classes` : ''}: ` +
				'a training on these rows will.',
		);
	}
}
