import type { Predictor, State } from '../contract.js';
import { answeredOnBackends } from './manyRows.js';
import { answerOf, multiplicationsOf, networkPredictor, readMeta, widthsOf, type Arrays } from './network.js';
import { Trainer } from './trainer.js';

/** The plain network's answers as plain JavaScript; very many rows may be answered by a backend, see `answeredOnBackends`. */
export function plainPredictor(state: State, given: readonly string[]): Predictor {
	const own = networkPredictor(state, given);
	const meta = readMeta(state);
	const { shape, columns } = meta;
	const options = { learningRate: 0, dropout: 0, alpha: 0, loss: 'squared', seed: 0 } as const;
	return answeredOnBackends(own, {
		kind: 'plainAnswers',
		multiplications: multiplicationsOf(shape),
		widest: Math.max(...widthsOf(shape), ...shape.levels),
		columns,
		levels: shape.levels,
		// What it learned from was standardised.
		usual: () => ({ center: 0, spread: 1 }),
		place: (backend) => new Trainer(backend, shape, options, state.arrays as Arrays),
		ready: (x) => x,
		answer: answerOf(meta),
	});
}
