import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { IExecuteFunctions } from 'n8n-workflow';
import { rowJson } from '../../lib/domain/json.js';
import type { Store } from './runtime.js';

/** How many places a hint names. */
const MOST_NAMED = 5;

/**
 * Writes all incoming items line by line to a file of the store, so that a compute process gets its name, never rows. A value that no file
 * can hold (a circle, or nested too deep) is missing in its row; how many and where is said.
 * @returns the name by which the file is handed over, and all fields in the order in which they come
 */
export async function writeItemRows(functions: IExecuteFunctions, store: Store): Promise<{ handedOver: string; columns: string[] }> {
	const items = functions.getInputData();
	const columns = new Set<string>();
	const path = await store.artifacts.temporary('ndjson');
	const places: string[] = [];
	let left = 0;
	function* lines(): Generator<string> {
		for (const [index, { json }] of items.entries()) {
			const row = rowJson(json);
			for (const name of Object.keys(json)) columns.add(name);
			left += row.left.length;
			for (const name of row.left) if (places.length < MOST_NAMED) places.push(`"${name}" of item ${index + 1}`);
			yield `${row.text}\n`;
		}
	}
	await pipeline(Readable.from(lines()), createWriteStream(path));
	if (left > 0) {
		functions.addExecutionHints({
			message:
				`${left.toLocaleString('en')} ${left === 1 ? 'value was' : 'values were'} circular or nested too deep to keep and ` +
				`${left === 1 ? 'is' : 'are'} missing: ${places.join(', ')}${left > places.length ? ', ...' : ''}.`,
			location: 'outputPane',
		});
	}
	return { handedOver: await store.artifacts.handOver(path), columns: [...columns] };
}
