import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Frame } from '../data/frame.js';
import type { LoadedModel } from '../learn/score.js';
import { strongest } from '../serve/predictor.js';
import { numberColumn, textColumn } from '../task/answerColumn.js';
import type { FileColumn } from '../task/contract.js';
import { explainRows } from './explainRows.js';

const ROWS_A_TURN = 2_000;

/** Columns that each reason has. */
export const COLUMNS_A_REASON = 3;

/**
 * For each row the features that moved its answer most, as columns `reason 1`, `reason 1 value`, `reason 1 contribution` and so on: what
 * the row functions of single items say. Undefined where the model cannot tell.
 *
 * @param progress called now and then with the share done; throws to stop
 * @returns columns for all `count` reasons, and how many of them some row has
 */
export async function reasonColumns(
	frame: Frame,
	model: LoadedModel,
	count: number,
	progress: (share: number) => void,
): Promise<{ columns: FileColumn[]; most: number } | undefined> {
	const explain = explainRows(frame, model);
	if (!explain) return undefined;
	const names = dictionary();
	const values = dictionary();
	const places = Array.from({ length: count }, () => ({
		name: new Uint32Array(frame.rows),
		value: new Uint32Array(frame.rows),
		contribution: new Float64Array(frame.rows).fill(NaN),
	}));
	let most = 0;
	for (let i = 0; i < frame.rows; i++) {
		if (i % ROWS_A_TURN === 0) {
			progress(i / frame.rows);
			await nextTurn();
		}
		const reasons = strongest(explain(i).contributions?.() ?? [], count);
		most = Math.max(most, reasons.length);
		reasons.forEach(({ feature, value, contribution }, k) => {
			places[k].name[i] = names.code(feature);
			places[k].value[i] = value === null ? 0 : values.code(String(value));
			places[k].contribution[i] = contribution;
		});
	}
	const columns = places.flatMap(({ name, value, contribution }, k) => [
		textColumn(`reason ${k + 1}`, name, names.words),
		textColumn(`reason ${k + 1} value`, value, values.words),
		numberColumn(`reason ${k + 1} contribution`, contribution),
	]);
	return { columns, most };
}

/** Words with codes from 1 in the order in which they are first met. */
function dictionary(): { words: string[]; code(word: string): number } {
	const codes = new Map<string, number>();
	const words: string[] = [];
	return {
		words,
		code(word) {
			let code = codes.get(word);
			if (code === undefined) {
				words.push(word);
				codes.set(word, (code = words.length));
			}
			return code;
		},
	};
}
