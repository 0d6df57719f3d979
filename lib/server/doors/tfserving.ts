import type { FastifyReply, FastifyRequest } from 'fastify';
import { shown } from '../../data/reading/index.js';
import { own } from '../../domain/dictionary.js';
import type { ColumnType } from '../../domain/column.js';
import type { ModelManifest } from '../../domain/model.js';
import { answerParts, type AnswerPart } from '../../task/answerParts.js';
import type { Door, Serving, Target } from '../contract.js';
import type { ServedModel } from '../serveTable.js';
import { askAll, errorText, told, versionOf, type AllAnswered } from './shared/ask.js';
import { withBytes } from './shared/bodies.js';
import { invalid, readJson, textOf } from './shared/jsonBody.js';
import { fromRecords, readRows, refuseUnknown, type Expected, type ReadRows } from './shared/readRows.js';
import { cutText } from '../../domain/text.js';

interface Address {
	Params: { model: string; version?: string; label?: string };
}
type Fields = Record<string, unknown>;

const targetOf = ({ model, version, label }: Address['Params']): Target => {
	const which = versionOf(version);
	if (which.alias !== undefined)
		throw invalid('A version is a number; aliases are asked as /labels/NAME.', { found: cutText(which.alias, 60) });
	return { model, ...which, ...(label === undefined ? {} : { alias: label }) };
};

const WHICH = ['', '/versions/:version', '/labels/:label'];

/**
 * TensorFlow Serving's REST API: a model's status and metadata, `:predict` by rows (`instances`) and by columns (`inputs`), `:classify` and
 * `:regress`. Without a version the alias `champion` answers, not the newest version; labels are aliases. This is KServe's protocol of
 * version 1, too. The status of a whole model is part of our own answer at the same address (`versionStatus`).
 */
export const tfserving: Door = {
	id: 'tfserving',
	label: 'TensorFlow Serving (REST), KServe V1',
	register(app, serving, guard) {
		const asked = { config: { door: 'tfserving', failure: errorText }, ...guard('predict') };
		for (const which of WHICH) {
			const path = `/v1/models/:model${which}`;
			if (which) app.get<Address>(path, asked, ({ params }) => statusOf(serving, targetOf(params)));
			app.get<Address>(`${path}/metadata`, asked, async ({ params }) => await metadata(serving, targetOf(params)));
			withBytes(app, (scope) => {
				for (const verb of ['predict', 'classify', 'regress'] as const)
					scope.post<Address>(`${path}([^]+)::${verb}`, asked, async (request, reply) => await VERBS[verb](serving, request, reply));
			});
		}
	},
};

const VERBS = { predict, classify, regress };

type Verb = (serving: Serving, request: FastifyRequest<Address>, reply: FastifyReply) => Promise<unknown>;

const SIGNATURE = 'serving_default';

/** Asks what a request's rows are about, once they are read. */
async function ask(
	serving: Serving,
	request: FastifyRequest<Address>,
	reply: FastifyReply,
	read: (question: Fields, manifest: ModelManifest, expected: Expected) => ReadRows,
): Promise<AllAnswered & { columnar: boolean }> {
	const target = targetOf(request.params);
	const { manifest, key } = await serving.manifest(target);
	const expected = { signature: manifest.signature, mostRows: serving.maxRows, key };
	const { rows, unknown, columnar } = read(readJson(textOf(request)), manifest, expected);
	refuseUnknown(unknown, manifest.signature);
	const answered = await askAll(serving, request, { ...target, rows, door: 'tfserving' });
	void told(reply, answered);
	return { ...answered, columnar };
}

async function predict(...[serving, request, reply]: Parameters<Verb>): Promise<unknown> {
	const { columnar, manifest, answers } = await ask(serving, request, reply, (question, _, expected) => {
		const { instances, inputs, signature_name: asked } = question;
		// Clients that have none often send null.
		const name = asked ?? SIGNATURE;
		if (name !== SIGNATURE && name !== '') throw invalid(`The model has no signature ${shown(name)}.`, { expected: SIGNATURE });
		if ((instances === undefined) === (inputs === undefined))
			throw invalid('The body should have either "instances" (rows) or "inputs" (columns).');
		if (inputs !== undefined) return { ...readRows(inputs, 'inputs', expected), columnar: true };
		if (!Array.isArray(instances)) throw invalid('"instances" should be a list of rows.', { remedy: 'Send columns as "inputs".' });
		return readRows(instances, 'instances', expected);
	});
	const parts = answerParts(manifest);
	if (columnar) {
		const outputs = parts.map(({ name, of }) => [name, answers.map(of)] as const);
		return { outputs: outputs.length === 1 ? outputs[0][1] : Object.fromEntries(outputs) };
	}
	if (parts.length === 1) return { predictions: answers.map(parts[0].of) };
	return { predictions: answers.map((answer) => Object.fromEntries(parts.map(({ name, of }) => [name, of(answer)]))) };
}

/** Rows as `Example`s: what stands in `context` is in each of them. */
function examplesOf({ examples, context }: Fields, expected: Expected): ReadRows {
	if (!Array.isArray(examples)) throw invalid('"examples" should be a list of objects.');
	const common = context === undefined ? {} : context;
	if (typeof common !== 'object' || common === null || Array.isArray(common)) throw invalid('"context" should be an object.');
	const shared = fromRecords([common], 'context', expected);
	const read = fromRecords(examples, 'examples', expected);
	const names = Object.keys(shared.rows[0]);
	for (const [i, row] of read.rows.entries()) {
		const twice = names.find((name) => Object.hasOwn(row, name));
		if (twice !== undefined)
			throw invalid(`Row ${i + 1}: "${twice}" stands in "context", too.`, { row: i + 1, column: twice, remedy: 'Send it in one of them.' });
		Object.assign(row, shared.rows[0]);
	}
	return { ...read, unknown: [...new Set([...shared.unknown, ...read.unknown])] };
}

async function classify(...[serving, request, reply]: Parameters<Verb>): Promise<unknown> {
	const { answers, manifest } = await ask(serving, request, reply, (question, of, expected) => {
		if (!of.classes.length) throw invalid('This model gives no classes.', { remedy: 'Ask with :regress or :predict.' });
		return examplesOf(question, expected);
	});
	const labels = manifest.classes.map(String);
	return { results: answers.map(({ probabilities }) => labels.map((label) => [label, own(probabilities, label)])) };
}

async function regress(...[serving, request, reply]: Parameters<Verb>): Promise<unknown> {
	const { answers, manifest } = await ask(serving, request, reply, (question, of, expected) => {
		if (of.classes.length) throw invalid('This model gives classes, no numbers.', { remedy: 'Ask with :classify or :predict.' });
		return examplesOf(question, expected);
	});
	const { of } = answerParts(manifest).find(({ type }) => type === 'number')!;
	return { results: answers.map(of) };
}

/** TensorFlow Serving's status of each version of a model, the newest first. */
export const versionStatus = ({ versions, failed }: ServedModel): Fields => ({
	model_version_status: Object.keys(versions)
		.map(Number)
		.sort((a, b) => b - a)
		.map((version) => {
			const why = Object.hasOwn(failed, version) ? failed[version] : undefined;
			return {
				version: String(version),
				state: why === undefined ? 'AVAILABLE' : 'END',
				status: why === undefined ? { error_code: 'OK', error_message: '' } : { error_code: 'INTERNAL', error_message: why },
			};
		}),
});

function statusOf(serving: Serving, target: Target): Fields {
	serving.ready(target);
	const model = serving.model(target.model);
	const version = target.version ?? own(model.aliases, target.alias!)!;
	return versionStatus({ ...model, versions: { [version]: model.versions[version] } });
}

const DTYPE: Record<ColumnType | AnswerPart['type'], string> = {
	number: 'DT_DOUBLE',
	integer: 'DT_INT64',
	boolean: 'DT_BOOL',
	datetime: 'DT_STRING',
	category: 'DT_STRING',
	text: 'DT_STRING',
	string: 'DT_STRING',
};

async function metadata(serving: Serving, target: Target): Promise<Fields> {
	const { manifest, version } = await serving.manifest(target);
	const tensors = (columns: ReadonlyArray<{ name: string; type: keyof typeof DTYPE }>): Fields =>
		Object.fromEntries(
			columns.map(({ name, type }) => [
				name,
				{ dtype: DTYPE[type], tensor_shape: { dim: [{ size: '-1', name: '' }], unknown_rank: false }, name },
			]),
		);
	const signature = {
		inputs: tensors(manifest.signature),
		outputs: tensors(answerParts(manifest)),
		method_name: 'tensorflow/serving/predict',
	};
	return {
		model_spec: { name: target.model, signature_name: '', version: String(version) },
		metadata: { signature_def: { signature_def: { [SIGNATURE]: signature } } },
	};
}
