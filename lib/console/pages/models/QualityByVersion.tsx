import { useMemo } from 'preact/hooks';
import type { versions } from '../../../server/console/routes/versionRoutes.js';
import { Chart } from '../../components/Chart.js';
import { lines } from '../../components/charts/chartOptions.js';
import type { AnswerOf } from '../../data/api.js';
import { number } from '../../data/inWords.js';
import { useLive } from '../../data/live.js';
import { useWords } from '../../data/useWords.js';
import { pathTo } from '../../router/place.js';

/** How good the versions were, one behind the other; nothing where fewer than two were judged by one metric. */
export function QualityByVersion({ name, champion }: { name: string; champion?: number }) {
	const { data } = useLive<AnswerOf<typeof versions>>(pathTo('/models/:name/versions', { name }, { limit: 50 }));
	const words = useWords();
	const judged = (data?.entries ?? []).filter(({ quality }) => quality).reverse();
	const metric = judged.at(-1)?.quality?.metric;
	const shown = judged.flatMap(({ version, quality }) => (quality && quality.metric === metric ? [{ ...quality, version }] : []));
	const label = metric ? words('metrics', metric).label : '';
	const option = useMemo(
		() =>
			lines({
				x: 'category',
				unit: label,
				lines: [
					{
						name: label,
						points: shown.map(({ version, value }) => [`v${version}`, value]),
						band: shown.map(({ version, low, high }) => [`v${version}`, low, high]),
					},
				],
				moments:
					champion !== undefined && shown.some(({ version }) => version === champion) ? [{ name: 'champion', at: `v${champion}` }] : [],
			}),
		[data, label, champion],
	);
	if (shown.length < 2) return null;
	return (
		<Chart
			label={`${label} of ${shown.length} versions with 95 % intervals, from ${number(shown[0].value)} to ${number(shown.at(-1)!.value)}`}
			option={option}
			height={180}
			table={() => ({
				head: ['Version', label, 'Lower end', 'Upper end', 'Rows'],
				rows: shown.map(({ version, value, low, high, rows }) => [version, number(value), number(low), number(high), rows]),
			})}
		>
			{label} by version, with 95 % intervals. Versions that were judged by other rows are not quite comparable: look at Compare.
		</Chart>
	);
}
