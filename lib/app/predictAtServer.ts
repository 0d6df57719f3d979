import { z } from 'zod/v4';
import type { ChangesAsked } from '../domain/changes.js';
import { MlopsError } from '../domain/errors.js';
import { rowJson } from '../domain/json.js';
import type { VersionReference } from './modelReference.js';
import type { ChosenModel, RowResult } from './predictRows.js';
import { errorIn, unreadable, type ModelServer } from './serverAccess.js';

type Row = Readonly<Record<string, unknown>>;

/** What a server says of an answer besides the answer. */
export interface ServerFacts {
	version: number;
	rollout?: string;
	arm?: string;
}

/** A row's answer or error, by which version, and what the server says of it. */
export interface ServerResult {
	result: RowResult;
	model: Omit<ChosenModel, 'digest'>;
	server: ServerFacts;
}

export interface ServerQuestion {
	/** By name, and version or alias. */
	model: VersionReference;
	rows: readonly Row[];
	reasons: number;
	/** What would change each answer, where a person asks for it. */
	changes?: ChangesAsked;
	/** What the caller calls what it asks about: in a rollout, the same key always gets the same version. */
	key?: string;
}

/** Rows, and characters of their JSON, that go into one call. */
const MOST_ROWS = 1_000;
const MOST_CHARACTERS = 2 ** 21;

const answers = z.object({
	model: z.string(),
	version: z.number(),
	rollout: z.string().optional(),
	arm: z.string().optional(),
	answers: z.array(z.looseObject({ id: z.string() })),
});

/**
 * Has rows answered by a model server, in calls of at most a thousand rows, in their order. A bad row gets its own error and stops none of
 * the others; each result says which version gave it, since an alias may move between two calls.
 * @throws what `ModelServer.ask` throws, where a whole call fails
 */
export async function predictAtServer(server: ModelServer, question: ServerQuestion): Promise<ServerResult[]> {
	const results: ServerResult[] = [];
	for (const part of parts(question.rows.map((row) => rowJson(row).text))) results.push(...(await askPart(server, question, part)));
	return results;
}

function* parts(rows: readonly string[]): Generator<string[]> {
	let part: string[] = [];
	let characters = 0;
	for (const row of rows) {
		if (part.length >= MOST_ROWS || (part.length > 0 && characters + row.length > MOST_CHARACTERS)) {
			yield part;
			[part, characters] = [[], 0];
		}
		part.push(row);
		characters += row.length;
	}
	if (part.length > 0) yield part;
}

/** One call; a server that takes fewer rows at a time gets them in halves. */
async function askPart(server: ModelServer, question: ServerQuestion, rows: readonly string[]): Promise<ServerResult[]> {
	const beside = Object.entries({ key: question.key, changes: question.changes }).filter(([, value]) => value !== undefined);
	let came: unknown;
	try {
		const more = beside.map(([name, value]) => `,"${name}":${JSON.stringify(value)}`).join('');
		came = await server.ask(addressOf(question), `{"rows":[${rows.join(',')}]${more}}`);
	} catch (thrown) {
		if (MlopsError.from(thrown).code !== 'serve.body_too_large' || rows.length < 2) throw thrown;
		const half = rows.length >> 1;
		return [...(await askPart(server, question, rows.slice(0, half))), ...(await askPart(server, question, rows.slice(half)))];
	}
	const parsed = answers.safeParse(came);
	if (!parsed.success || parsed.data.answers.length !== rows.length) throw unreadable(`${rows.length} answers`);
	const { answers: given, model, version, rollout, arm } = parsed.data;
	return given.map(({ id, ...answer }) => ({
		result: { ...resultOf(answer), id },
		model: { name: model, version },
		server: { version, ...(rollout === undefined ? {} : { rollout }), ...(arm === undefined ? {} : { arm }) },
	}));
}

function addressOf({ model: { name, version, alias }, reasons }: ServerQuestion): string {
	const which = version !== undefined ? `/versions/${version}` : alias === undefined ? '' : `/aliases/${encodeURIComponent(alias)}`;
	return `v1/models/${encodeURIComponent(name)}${which}/predict${reasons > 0 ? `?reasons=${reasons}` : ''}`;
}

/** The answer as a predictor here gives it: what its fields do not name is the task's own. */
function resultOf(given: Record<string, unknown>): RowResult {
	if (given.error !== undefined) {
		const error = errorIn(given) ?? new MlopsError('internal', 'The model server says of this row only that it failed.');
		return { error: error.toJSON() };
	}
	const { prediction, probability, probabilities, threshold, reasons, warnings, changes, ...own } = given;
	const named = Object.entries({ prediction, probability, probabilities, threshold, reasons, warnings, changes });
	return {
		answer: {
			...Object.fromEntries(named.filter(([, value]) => value !== undefined)),
			...(Object.keys(own).length ? { own } : {}),
			score: [],
		} as unknown as Extract<RowResult, { answer: unknown }>['answer'],
	};
}
