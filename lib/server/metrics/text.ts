import { AT, BUCKETS, STATUSES, type Labels } from './counters.js';

type Series = Array<{ labels: Record<string, string>; value: number }>;

const escaped = (text: string): string => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');

const labelsText = (labels: Record<string, string>): string => {
	const parts = Object.entries(labels).filter(([, value]) => value !== '');
	return parts.length ? `{${parts.map(([name, value]) => `${name}="${escaped(value)}"`).join(',')}}` : '';
};

/** Without the series of other models: a key may be good for some alone. Series that name no model stay. */
export function ofModels(text: string, models: readonly string[]): string {
	const good = new Set(models.map(escaped));
	return text
		.split('\n')
		.filter((line) => {
			// A quotation mark inside a value is escaped, so that no value looks like a label.
			const model = line.startsWith('#') ? undefined : /[{,]model="((?:[^"\\]|\\.)*)"/.exec(line)?.[1];
			return model === undefined || good.has(model);
		})
		.join('\n');
}

/** One metric in Prometheus' text format, version 0.0.4. */
export function metricText(name: string, type: 'counter' | 'gauge', help: string, series: Series): string {
	if (series.length === 0) return '';
	const lines = series.map(({ labels, value }) => `${name}${labelsText(labels)} ${value}`);
	return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`;
}

interface Sums {
	labels: Labels;
	sums: Float64Array;
}

/** What listeners counted. `http_requests_total` and `http_request_duration_seconds` are the names that most dashboards ask for. */
export function countersText(all: readonly Sums[]): string {
	const at =
		(place: number) =>
		({ labels, sums }: Sums): Series[number] => ({ labels: { ...labels }, value: sums[place] });
	const positive = (place: number): Series => all.map(at(place)).filter(({ value }) => value !== 0);
	const codes: Series = all.flatMap(({ labels, sums }) =>
		STATUSES.flatMap((code, i) => {
			const value = sums[AT.statuses + i];
			return value ? [{ labels: { ...labels, code: String(code) }, value }] : [];
		}),
	);
	return [
		metricText('http_requests_total', 'counter', 'Requests by model, version, arm, door and status code.', codes),
		histogramText(all),
		metricText('mlops_rows_total', 'counter', 'Rows answered.', positive(AT.rows)),
		metricText('mlops_row_errors_total', 'counter', 'Rows that were refused, each with its own error.', positive(AT.rowErrors)),
		metricText('mlops_errors_total', 'counter', 'Failures of requests and rows, by their code.', positive(AT.errors)),
		metricText('mlops_rows_warned_total', 'counter', 'Rows answered with a warning about their values.', positive(AT.warned)),
		metricText('mlops_scores', 'gauge', 'First scores of all answers, added up; by mlops_rows_total, their mean.', positive(AT.score)),
		metricText('mlops_shadow_pairs_total', 'counter', "Answers of a shadow compared with the stable version's.", positive(AT.pairs)),
		metricText('mlops_shadow_agreeing_total', 'counter', 'Of these, those that are the same.', positive(AT.agreeing)),
		metricText('mlops_shadow_skipped_total', 'counter', 'Answers that a shadow had no time for.', positive(AT.skipped)),
	].join('');
}

function histogramText(all: readonly Sums[]): string {
	const name = 'http_request_duration_seconds';
	const lines: string[] = [];
	for (const { labels, sums } of all) {
		let below = 0;
		const line = (le: string): number => lines.push(`${name}_bucket${labelsText({ ...labels, le })} ${below}`);
		for (const [i, bucket] of BUCKETS.entries()) {
			below += sums[AT.buckets + i];
			line(String(bucket));
		}
		below += sums[AT.buckets + BUCKETS.length];
		if (below === 0) {
			lines.length -= BUCKETS.length;
			continue;
		}
		line('+Inf');
		lines.push(`${name}_sum${labelsText({ ...labels })} ${sums[AT.seconds]}`, `${name}_count${labelsText({ ...labels })} ${below}`);
	}
	return lines.length ? `# HELP ${name} From a request's head to its answer.\n# TYPE ${name} histogram\n${lines.join('\n')}\n` : '';
}
