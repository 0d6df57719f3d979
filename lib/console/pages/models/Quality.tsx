import { Badge } from '../../components/Badge.js';
import { Term } from '../../components/Term.js';
import { number } from '../../data/inWords.js';

export interface QualityShown {
	metric: string;
	value: number;
	low: number;
	high: number;
	rows: number;
	passed: boolean;
}

/** The main metric of an evaluation with its interval, and whether the gate let it pass. */
export const Quality = ({ quality }: { quality: QualityShown | undefined }) =>
	quality ? (
		<>
			<span>
				<Term kind="metrics" id={quality.metric} /> {number(quality.value)}
			</span>{' '}
			{!quality.passed && <Badge tone="warn">gate not passed</Badge>}
			<div class="soft small">
				{number(quality.low)} to {number(quality.high)}
			</div>
		</>
	) : (
		<span class="soft">not evaluated</span>
	);
