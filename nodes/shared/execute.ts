import {
	NodeOperationError,
	type IBinaryData,
	type IBinaryKeyData,
	type IDataObject,
	type IExecuteFunctions,
	type INode,
	type INodeExecutionData,
} from 'n8n-workflow';
import { own } from '../../lib/domain/dictionary.js';
import { MlopsError } from '../../lib/domain/errors.js';
import type { ReportRecord } from '../../lib/domain/report.js';
import { withPages } from './consolePages.js';
import { NotYet } from './notYet.js';
import type { Runtime } from './runtime.js';
import { itemsForTool } from './shortened.js';

const UNFORESEEN = 'This was not foreseen. Run again; if it happens again, report it with this text and the log of n8n.';

/** An error for people: the message says what happened, the description what to do, in n8n's own error panel. */
export function nodeError(node: INode, thrown: unknown, itemIndex?: number): NodeOperationError {
	if (thrown instanceof NodeOperationError) return thrown;
	const error = MlopsError.from(thrown);
	// n8n counts an execution as canceled, not as failed, by this word in the error's message.
	if (error.code === 'compute.cancelled') return new NodeOperationError(node, 'The execution was canceled.', { itemIndex });
	const { column, row, expected, found, remedy } = error.details;
	const lines = [
		column ? `Column: ${column}` : '',
		row ? `Row: ${row}` : '',
		expected ? `Expected: ${expected}` : '',
		found ? `Found: ${found}` : '',
		remedy ?? (error.code === 'internal' ? UNFORESEEN : ''),
		`(${error.code})`,
	].filter(Boolean);
	return new NodeOperationError(node, error.message, { description: lines.join('\n'), itemIndex });
}

/**
 * The input item with the error in its field `error`, for "continue on fail". n8n itself moves items to an error output, and only those
 * that hold nothing but the error (it adds the input's fields again).
 */
export function errorItem(functions: IExecuteFunctions, thrown: unknown, index: number): INodeExecutionData {
	const { code, message, details } = MlopsError.from(thrown).toJSON();
	const kept = functions.getNode().onError === 'continueErrorOutput' ? {} : functions.getInputData()[index].json;
	return { json: { ...kept, error: { code, message, ...details } as IDataObject }, pairedItem: { item: index } };
}

/** The input item with the reason as its first field, and a hint that says it once. */
export function notYetItem(functions: IExecuteFunctions, { message }: NotYet, index: number, told = new Set<string>()): INodeExecutionData {
	if (!told.has(message)) functions.addExecutionHints({ message: `Not yet: ${message}`, type: 'warning', location: 'outputPane' });
	told.add(message);
	const { json, binary } = functions.getInputData()[index];
	return { ...withoutReports({ ...json, notYet: message }, binary, 'notYet'), pairedItem: { item: index } };
}

/**
 * Runs `work` for each input item in order. One item's failure ends the node with a readable error, or becomes an item with
 * `error` on output 0 (the safe one) when the node is set to continue; the others go on. What cannot be done yet (`NotYet`) leaves by
 * output 0 too, with the reason as its first field. An agent's call gets output 0 alone, cut to a few kilobytes.
 *
 * @param outputs how many main outputs the node has
 */
export async function forEachItem(
	functions: IExecuteFunctions,
	outputs: number,
	work: (
		index: number,
		item: INodeExecutionData,
	) => Promise<{ output?: number; item: INodeExecutionData } | Array<{ output?: number; item: INodeExecutionData }>>,
): Promise<INodeExecutionData[][]> {
	const input = functions.getInputData();
	const out: INodeExecutionData[][] = Array.from({ length: outputs }, () => []);
	const told = new Set<string>();
	for (let index = 0; index < input.length; index++) {
		try {
			const results = await work(index, input[index]);
			for (const { output = 0, item } of Array.isArray(results) ? results : [results])
				out[output].push({ ...item, pairedItem: { item: index } });
		} catch (thrown) {
			if (thrown instanceof NotYet) {
				out[0].push(notYetItem(functions, thrown, index, told));
				continue;
			}
			if (MlopsError.from(thrown).code === 'compute.cancelled' || !functions.continueOnFail())
				throw nodeError(functions.getNode(), thrown, index);
			out[0].push(errorItem(functions, thrown, index));
		}
	}
	if (isTool(functions)) out[0] = itemsForTool(out[0]);
	return out;
}

/**
 * Reports of nodes before: the item goes on without them where n8n would show them as the work of the node that gives it. A person's own
 * files go on, whatever they are called. `first` is the field to begin with.
 */
export function withoutReports(
	json: IDataObject,
	binary: IBinaryKeyData | undefined,
	first?: string,
): { json: IDataObject; binary?: IBinaryKeyData } {
	const { report, ...others } = json;
	const kept = isReport(report) ? others : json;
	const drawn = isReport(report) || (binary?.report !== undefined && isOurs('report', binary.report));
	const files = Object.fromEntries(Object.entries(binary ?? {}).filter(([name, file]) => !drawn || !isOurs(name, file)));
	return {
		json: first === undefined ? kept : { [first]: own(kept, first), ...kept },
		...(Object.keys(files).length ? { binary: files } : {}),
	};
}

/** Whether a file is what `reportBinary` makes under its name. */
const isOurs = (name: string, { fileType, mimeType }: IBinaryData): boolean =>
	(name === 'report' && fileType === 'html' && mimeType === 'text/plain') ||
	(name === 'fullReport' && mimeType === 'text/html') ||
	(name.startsWith('chart_') && mimeType === 'image/png');

/** A user's own column may be called `report`. */
const isReport = (value: unknown): boolean =>
	typeof value === 'object' && value !== null && typeof (value as { html?: unknown }).html === 'string';

/** True when an AI agent called the node: it then sees output 0 only, and nothing over a few kilobytes. */
export const isTool = (functions: IExecuteFunctions): boolean => functions.getNode().type.endsWith('Tool');

/** An item with `fields` added, the report's place in the store under `report`, and the report itself as binaries. */
export async function withReport(
	functions: IExecuteFunctions,
	runtime: Runtime,
	json: IDataObject,
	files: ReportRecord,
): Promise<INodeExecutionData> {
	if (isTool(functions)) return { json };
	return {
		json: await withPages(runtime.store, { ...json, report: { html: files.html, ...(files.full ? { full: files.full } : {}) } }),
		binary: await reportBinary(functions, runtime, files),
	};
}

/** Reports as binaries: `report` (HTML safe for n8n's viewer), `chart_*` (PNG) and `fullReport` (one interactive HTML file). */
async function reportBinary(functions: IExecuteFunctions, runtime: Runtime, files: ReportRecord): Promise<IBinaryKeyData> {
	const get = async (digest: string) => await runtime.store.artifacts.get(digest);
	// n8n's panel offers "View" for a list of types without text/html, but draws whatever says `fileType: 'html'` as sanitised HTML.
	const report = await functions.helpers.prepareBinaryData(await get(files.html), `${files.name}.html`, 'text/plain');
	const binary: IBinaryKeyData = { report: { ...report, fileType: 'html', fileExtension: 'html' } };
	for (const chart of files.charts) {
		binary[`chart_${chart.name}`] = await functions.helpers.prepareBinaryData(await get(chart.digest), `${chart.name}.png`, 'image/png');
	}
	if (files.full)
		binary.fullReport = await functions.helpers.prepareBinaryData(await get(files.full), `${files.name}-full.html`, 'text/html');
	return binary;
}
