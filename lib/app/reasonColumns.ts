import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Frame } from '../data/frame.js';
import type { LoadedModel } from '../learn/score.js';
import { reasonsInWords, strongest } from '../serve/predictor.js';
import { numberColumn, textColumn } from '../task/answerColumn.js';
import type { FileColumn } from '../task/contract.js';
import { explainRows } from './explainRows.js';

const ROWS_A_TURN = 2_000;
/** Rows whose reasons a model is asked for: some minutes of work. */
export const MOST_ASKED = 2_000;

/**
 * For each row the features that moved its answer most, as columns `reason 1`, `reason 1 value`, `reason 1 contribution` and so on: what
 * the row functions of single items say, with `reason 1 error` where they have one. Undefined where the model cannot tell. Of a model that
 * is asked thousands of times for each row, the first rows alone have reasons (`MOST_ASKED`).
 *
 * @param progress called now and then with the share done; throws to stop
 * @param rowsBefore rows of the same table that earlier parts of it held
 * @returns the columns of each of the `count` reasons, and how many reasons some row has
 */
export async function reasonColumns(
	frame: Frame,
	model: LoadedModel,
	count: number,
	progress: (share: number) => void,
	rowsBefore = 0,
): Promise<{ reasons: FileColumn[][]; most: number } | undefined> {
	const explain = explainRows(frame, model);
	if (!explain) return undefined;
	const words = reasonsInWords(model);
	const names = dictionary();
	const values = dictionary();
	const places = Array.from({ length: count }, () => ({
		name: new Uint32Array(frame.rows),
		value: new Uint32Array(frame.rows),
		contribution: new Float64Array(frame.rows).fill(NaN),
		error: new Float64Array(frame.rows).fill(NaN),
	}));
	let most = 0;
	const asked = model.reasons === 'asked';
	const rows = asked ? Math.min(frame.rows, Math.max(0, MOST_ASKED - rowsBefore)) : frame.rows;
	for (let i = 0; i < rows; i++) {
		if (asked || i % ROWS_A_TURN === 0) {
			progress(i / rows);
			await nextTurn();
		}
		const strong = words(strongest(explain(i).contributions?.() ?? [], count));
		most = Math.max(most, strong.length);
		strong.forEach(({ feature, value, contribution, error = NaN }, k) => {
			places[k].name[i] = names.code(feature);
			places[k].value[i] = value === null ? 0 : values.code(String(value));
			places[k].contribution[i] = contribution;
			places[k].error[i] = error;
		});
	}
	const reasons = places.map(({ name, value, contribution, error }, k) => [
		textColumn(`reason ${k + 1}`, name, names.words),
		textColumn(`reason ${k + 1} value`, value, values.words),
		numberColumn(`reason ${k + 1} contribution`, contribution),
		...(asked ? [numberColumn(`reason ${k + 1} error`, error)] : []),
	]);
	return { reasons, most };
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
