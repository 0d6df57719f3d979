import { writeFileSync } from 'node:fs';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { chain, testFile, type Engine } from './engine.js';

export interface Trained {
	items: INodeExecutionData[];
	digest: string;
	runId: string;
	evaluated?: boolean;
}

/** 300 rows in which `b` tells most of the answer, but not all, by a fixed rule. */
export function fruit(): string {
	const path = testFile('fruit.csv');
	const row = (i: number) => {
		const weight = (i * 37) % 100;
		const ripe = weight + ((i * 53) % 40) > 70;
		return `${weight},${['red', 'green', 'blue'][i % 3]},${(i * 7) % 11},${ripe ? 'good' : 'bad'}`;
	};
	writeFileSync(path, `weight,colour,days,quality\n${Array.from({ length: 300 }, (_, i) => row(i)).join('\n')}\n`);
	return path;
}

/** Ingests the fruit and trains; `C` makes another model of the same data. */
export async function train(
	engine: Engine,
	parameters: IDataObject = {},
	more: { rules?: IDataObject[]; evaluate?: boolean; modelName?: string } = {},
): Promise<Trained> {
	const { rules, evaluate = true, modelName = 'fruit' } = more;
	const run = await engine.execute(
		chain(
			{ name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'file', path: fruit(), name: 'fruit', target: 'quality' } },
			{ name: 'Train', type: 'mlopsTrain', parameters: { learner: 'logisticRegression', modelName, ...parameters } },
			{
				name: 'Evaluate',
				type: 'mlopsEvaluate',
				parameters: { modelName, ...(rules ? { rules: { rule: rules } } : {}) },
				disabled: !evaluate,
			},
		),
	);
	const items = evaluate ? [...run.output('Evaluate', 0), ...run.output('Evaluate', 1)] : run.output('Train');
	const { digest, runId } = items[0].json.model as { digest: string; runId: string };
	return { items, digest, runId };
}

/** A rule that any model passes, and one that none does. */
export const ANY = [{ metric: 'auc', kind: 'min', value: 0 }];
export const NONE = [{ metric: 'auc', kind: 'min', value: 1.01 }];
