import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { IExecuteFunctions } from 'n8n-workflow';
import { LeftOut } from '../../lib/domain/leftOut.js';
import type { Store } from './runtime.js';

/**
 * Writes all incoming items line by line to a file of the store, so that a compute process gets its name, never rows. A value that no file
 * can hold (a circle, nested too deep, or an infinite number) is missing in its row; how many and where is said.
 * @returns the name by which the file is handed over, and all fields in the order in which they come
 */
export async function writeItemRows(functions: IExecuteFunctions, store: Store): Promise<{ handedOver: string; columns: string[] }> {
	const items = functions.getInputData();
	const columns = new Set<string>();
	const path = await store.artifacts.temporary('ndjson');
	const left = new LeftOut();
	function* lines(): Generator<string> {
		for (const [index, { json }] of items.entries()) {
			for (const name of Object.keys(json)) columns.add(name);
			yield `${left.line(json, `item ${index + 1}`)}\n`;
		}
	}
	await pipeline(Readable.from(lines()), createWriteStream(path));
	for (const [, message] of left.notes()) functions.addExecutionHints({ message, location: 'outputPane' });
	return { handedOver: await store.artifacts.handOver(path), columns: [...columns] };
}
