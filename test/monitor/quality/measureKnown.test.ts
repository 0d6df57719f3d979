import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskType } from '../../../lib/domain/column.js';
import { murmurTwice } from '../../../lib/domain/random.js';
import { measureKnown } from '../../../lib/monitor/quality/measureKnown.js';

interface Window {
	task: TaskType;
	classes: number;
	threshold: number;
	labels: number[];
	scores: number[];
	metrics: Record<string, number | null>;
}
const { windows } = JSON.parse(readFileSync(join(__dirname, '../fixtures/quality.json'), 'utf8')) as { windows: Window[] };

it.each(windows.map((w, i) => [`${i + 1}: ${w.task}, ${w.labels.length} answers`, w] as const))(
	'window %s: metrics are those of scikit-learn 1.7.2, each inside its interval',
	(_, { labels, scores, metrics, ...window }) => {
		const found = measureKnown({ ...window, labels: Float64Array.from(labels), scores: Float64Array.from(scores) });
		expect(found.rows).toBe(labels.length);
		let compared = 0;
		for (const [id, value] of Object.entries(metrics)) {
			const here = found.metrics[id];
			// Where one class alone occurs scikit-learn says 0 or nothing; what is said here is the same, or nothing.
			if (value === null || here === undefined) continue;
			compared++;
			expect([id, here.value]).toEqual([id, expect.closeTo(value, 10)]);
			expect(here.low).toBeLessThanOrEqual(here.value);
			expect(here.high).toBeGreaterThanOrEqual(here.value);
		}
		expect(compared).toBeGreaterThanOrEqual(4);
	},
);

it('of one class alone there is no AUC, and no metric that is no number', () => {
	const one = windows.find(({ labels }) => new Set(labels).size === 1)!;
	const { metrics } = measureKnown({ ...one, labels: Float64Array.from(one.labels), scores: Float64Array.from(one.scores) });
	expect(metrics.auc).toBeUndefined();
	for (const { value, low, high } of Object.values(metrics)) for (const x of [value, low, high]) expect(Number.isFinite(x)).toBe(true);
});

it('many answers about the same few customers are no more evidence than the customers', () => {
	const random = murmurTwice(3);
	const customers = Array.from({ length: 40 }, () => (random() < 0.7 ? 1 : 0));
	const rows = 40 * 25;
	const labels = Float64Array.from({ length: rows }, (_, i) => i % 2);
	// Who is answered rightly once is answered rightly each time.
	const scores = Float64Array.from(labels, (y, i) => (customers[i % 40] ? y : 1 - y) * 0.8 + 0.1);
	const common = { task: 'binary' as const, classes: 2, threshold: 0.5, labels, scores };
	const width = ({ low, high }: { low: number; high: number }): number => high - low;
	const alone = measureKnown(common).metrics.accuracy;
	const together = measureKnown({ ...common, about: Uint32Array.from({ length: rows }, (_, i) => i % 40) }).metrics.accuracy;
	expect(together.value).toBe(alone.value);
	expect(width(together)).toBeGreaterThan(3 * width(alone));
});
