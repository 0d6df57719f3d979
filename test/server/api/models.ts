import type { ColumnSchema } from '../../../lib/domain/column.js';
import { sha256 } from '../../../lib/domain/json.js';
import { frameFromRows } from '../../../lib/data/frameFromRows.js';
import { trainModel } from '../../../lib/learn/trainModel.js';
import { createPredictor, type RowPredictor } from '../../../lib/serve/predictor.js';
import { specOf, taskContext } from '../../learn/penguins.js';

const FEATURES: ColumnSchema[] = (
	[
		['weight', 'number'],
		['days', 'integer'],
		['colour <b>', 'category'],
		['since', 'datetime'],
		['ripe', 'boolean'],
	] as const
).map(([name, type]) => ({ name, type, role: 'feature' }));
const COLOURS = ['red', 'green', 'blue', 'Größe, "gelb"'];
const TARGETS: Record<string, ColumnSchema['type']> = { good: 'category', grade: 'integer', price: 'number' };

/** 240 rows of each type with gaps, by a fixed rule, and three targets. */
const training = Array.from({ length: 240 }, (_, i) => {
	const weight = i % 13 === 0 ? null : ((i * 37) % 100) + (i % 3 ? 0.25 : 0);
	const days = i % 17 === 0 ? null : (i * 7) % 11;
	const colour = i % 19 === 0 ? null : COLOURS[(i * 5) % 4];
	const points = (weight ?? 40) + (days ?? 5) * 4 + (colour === 'red' ? 30 : 0) + ((i * 53) % 20);
	return {
		weight,
		days,
		'colour <b>': colour,
		since: i % 23 === 0 ? null : Date.UTC(2024, 0, 1 + (i % 300)),
		ripe: i % 29 === 0 ? null : +(points > 80),
		good: points > 90 ? 'yes' : 'no',
		grade: points > 110 ? 3 : points > 75 ? 2 : 1,
		price: points * 1.5,
	};
});

/** A model of each kind of question about the same rows. `target` is empty for one that finds anomalies. */
export async function modelOf(
	target: '' | 'good' | 'grade' | 'price',
	learner?: string,
): Promise<{ bytes: Uint8Array; predictor: RowPredictor }> {
	const frame = frameFromRows(training, target ? [...FEATURES, { name: target, type: TARGETS[target], role: 'feature' }] : FEATURES);
	const task = target ? undefined : ('anomaly' as const);
	const { package: bytes } = await trainModel(
		frame,
		specOf({ target, task, learner: learner ?? (target ? 'decisionTree' : 'isolationForest') }),
		taskContext(),
	);
	return { bytes, predictor: await createPredictor(bytes, sha256(bytes)) };
}
