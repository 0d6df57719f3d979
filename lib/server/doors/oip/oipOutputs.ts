import { shown } from '../../../data/reading/index.js';
import type { ModelManifest } from '../../../domain/model.js';
import type { Answer } from '../../../serve/predictor.js';
import { answerParts, type AnswerPart } from '../../../task/answerParts.js';
import { answeredBy, type AllAnswered } from '../shared/ask.js';
import { invalid } from '../shared/jsonBody.js';
import { listed } from '../shared/readRows.js';
import { writeElements } from './datatypes.js';

/** A tensor that a model answers with, one value a row. */
interface Output {
	name: string;
	datatype: string;
	of(answer: Answer, row: number, answered: AllAnswered): string | number | boolean;
}

/** An output as the caller wants it. */
export interface Wanted extends Output {
	binary: boolean;
}

const DATATYPE: Record<AnswerPart['type'], string> = { string: 'BYTES', boolean: 'BOOL', integer: 'INT64', number: 'FP64' };

/** What every answer of the model has. */
export const outputsOf = (manifest: ModelManifest): Output[] =>
	answerParts(manifest).map(({ name, type, of }) => ({ name, datatype: DATATYPE[type], of }));

/** What is there for those who ask for it. */
const EXTRAS: readonly Output[] = [
	{ name: 'reasons', datatype: 'BYTES', of: ({ reasons = [] }) => JSON.stringify(reasons) },
	{ name: 'warnings', datatype: 'BYTES', of: ({ warnings = [] }) => JSON.stringify(warnings) },
	{ name: 'request_id', datatype: 'BYTES', of: (_answer, row, { ids }) => ids[row] },
];

/** Columns whose reasons come where they are asked for by the name of the output alone. */
export const USUAL_REASONS = 3;

type Fields = Record<string, unknown>;

/**
 * The outputs that a request wants, in its order; all that the model has where it names none, and `reasons` where a parameter asks for
 * them.
 * @throws `serve.request_invalid` where it wants one that is not there
 */
export function wantedOutputs({ outputs, parameters }: Fields, manifest: ModelManifest, reasons: boolean): Wanted[] {
	const all = outputsOf(manifest);
	const binaryAll = flag((parameters as Fields | undefined)?.binary_data_output, 'binary_data_output');
	// An empty list says as little as none.
	if (outputs === undefined || outputs === null || (Array.isArray(outputs) && outputs.length === 0))
		return [...all, ...(reasons ? EXTRAS.filter(({ name }) => name === 'reasons') : [])].map((output) => ({
			...output,
			binary: binaryAll,
		}));
	if (!Array.isArray(outputs)) throw invalid('"outputs" should be a list of the outputs that are wanted.');
	const known = new Map([...EXTRAS, ...all].map((output) => [output.name, output]));
	const names = new Set<string>();
	return outputs.map((given: unknown) => {
		const { name, parameters: own } = (given ?? {}) as { name?: unknown; parameters?: Fields };
		const output = typeof name === 'string' ? known.get(name) : undefined;
		if (!output)
			throw invalid(`The model has no output ${shown(name)}.`, {
				expected: `some of: ${listed([...all, ...EXTRAS].map((o) => o.name))}`,
				remedy: 'Ask for outputs that GET /v2/models/{model} names, or for none to get all.',
			});
		if (names.has(output.name)) throw invalid(`The output "${output.name}" is asked for twice.`, { remedy: 'Name each output once.' });
		names.add(output.name);
		if (own?.classification !== undefined)
			throw invalid('Outputs as a ranking of classes ("classification") are not given.', {
				remedy: 'Ask for the probability of each class instead.',
			});
		return { ...output, binary: own?.binary_data === undefined ? binaryAll : flag(own.binary_data, 'binary_data') };
	});
}

function flag(value: unknown, name: string): boolean {
	if (value === undefined || value === null) return false;
	if (typeof value === 'boolean') return value;
	throw invalid(`"${name}" should be true or false.`, { found: shown(value) });
}

/** The answer: its JSON object, and the binary data behind it where any was asked for. */
export function respond(answered: AllAnswered, wanted: readonly Wanted[], id: string): { json: Fields; binary: Buffer[] } {
	const { answers } = answered;
	const binary: Buffer[] = [];
	const outputs = wanted.map(({ name, datatype, of, binary: asBytes }) => {
		const head = { name, shape: [answers.length], datatype };
		const values = answers.map((answer, row) => of(answer, row, answered));
		if (!asBytes) return { ...head, data: values };
		const bytes = writeElements(datatype, values);
		binary.push(bytes);
		return { ...head, parameters: { binary_data_size: bytes.length } };
	});
	const { model, alias } = answered;
	const { version, arm } = answeredBy(answered);
	const warnings = answers.reduce((n, answer) => n + (answer.warnings?.length ?? 0), 0);
	const parameters = {
		...(alias === undefined ? {} : { alias }),
		...(arm === undefined ? {} : { arm }),
		...(warnings ? { warnings } : {}),
	};
	return {
		json: {
			model_name: model,
			model_version: version,
			id,
			...(Object.keys(parameters).length ? { parameters } : {}),
			outputs,
		},
		binary,
	};
}
