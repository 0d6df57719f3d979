import type { Chart } from '../../charts/chart.js';
import { bullets } from '../../safeHtml.js';
import { definePanel } from '../panel.js';
import type { RolloutInput, Way } from './input.js';

interface Data {
	texts: string[];
	ways: readonly Way[];
}

/** What the truth says of each candidate, and how that came. */
export const way = definePanel<RolloutInput, Data>({
	id: 'rollout_way',
	data({ rollout, ways = [] }) {
		const texts = rollout.results?.map(({ text }) => `${text}.`) ?? [];
		return texts.length ? { texts, ways: ways.filter(({ looks }) => looks.length > 1) } : undefined;
	},
	draw: ({ texts, ways }) => ({
		title: 'Which version is better',
		hint:
			'By the answers whose truth came back. The intervals hold at every look at once: who looks often is fooled no more than who ' +
			'looks once.',
		body: bullets(texts),
		charts: ways.map(chartOf),
	}),
});

const chartOf = ({ version, metric, looks }: Way): Chart => ({
	name: `way_${version}`,
	title: `How the difference in ${metric} came`,
	subtitle: `Version ${version} against the stable one, with its confidence sequence, by the number of answers whose truth is known`,
	x: { kind: 'number', title: 'answers with their truth', free: true },
	y: { kind: 'number', title: `difference in ${metric}`, free: true },
	marks: [
		{ mark: 'limit', y: 0, behind: true },
		{ mark: 'line', name: 'at least', points: looks.map(({ n, low }) => [n, low]), width: 1 },
		{ mark: 'line', name: 'at most', points: looks.map(({ n, high }) => [n, high]), width: 1 },
		{ mark: 'line', name: 'seen', points: looks.map(({ n, value }) => [n, value]), color: 'accent', width: 2 },
	],
	height: 260,
});
