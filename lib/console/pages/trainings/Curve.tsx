import { useMemo } from 'preact/hooks';
import { Chart } from '../../components/Chart.js';
import { lines, type Line } from '../../components/charts/chartOptions.js';
import { number } from '../../data/inWords.js';

interface Point {
	step: number;
	train?: number;
	validation?: number;
}

/** How a training got better, step by step. */
export function Curve({ metric, points }: { metric: string; points: readonly Point[] }) {
	const option = useMemo(() => {
		const of = (key: 'train' | 'validation') => points.map((point) => [point.step, point[key] ?? null] as const);
		const has = (key: 'train' | 'validation') => points.some((point) => point[key] !== undefined);
		const drawn: Line[] = [
			...(has('validation') ? [{ name: 'Validation rows', points: of('validation') }] : []),
			...(has('train') ? [{ name: 'Training rows', points: of('train'), tone: 'neutral' as const, dashed: true }] : []),
		];
		return lines({ x: 'value', xName: 'Rounds or epochs', unit: metric, lines: drawn });
	}, [metric, points]);
	const last = points.at(-1);
	const rounds = last?.step ?? 0;
	const value = number(last?.validation ?? last?.train);
	return (
		<Chart
			label={`Learning curve: ${metric} after each of ${rounds} rounds; the last value is ${value}.`}
			option={option}
			height={220}
			table={() => ({
				head: ['Round', `${metric}, validation`, `${metric}, training`],
				rows: points.map(({ step, train, validation }) => [step, number(validation), number(train)]),
			})}
		/>
	);
}
