import { randomBytes } from 'node:crypto';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { z } from 'zod/v4';
import { apiKeyRecord } from '../domain/apiKey.js';
import { datasetRecord } from '../domain/dataset.js';
import { driftRecord } from '../domain/drift.js';
import { MlopsError } from '../domain/errors.js';
import { evaluationRecord } from '../domain/evaluation.js';
import { incidentRecord } from '../domain/incident.js';
import { canonicalJson, sha256 } from '../domain/json.js';
import { modelVersionRecord } from '../domain/model.js';
import { monitorRecord, verdictRecord } from '../domain/monitor.js';
import { modelPeople, personRecord } from '../domain/person.js';
import { fileRecord, reportRecord } from '../domain/report.js';
import { rolloutRecord } from '../domain/rollout.js';
import { runRecord } from '../domain/run.js';
import type { OwnArtifacts } from './artifacts/contract.js';
import { eventOf, hashOf, type Append, type Ledger, type View } from './audit.js';
import type { AuditEvent, PlacedRecord, RecordBodies, RecordKind, Relative, Store, StoredRecord } from './contract.js';
import type { Tables } from './sql/migrations.js';

type RecordRow = Selectable<Tables['record']>;
type Bodies = { [K in RecordKind]: () => z.ZodType<RecordBodies[K]> };

/** Each is made when it is asked for first: making all takes longer than opening a store. */
const BODIES: Bodies = {
	dataset: () => datasetRecord,
	run: () => runRecord,
	modelVersion: () => modelVersionRecord,
	evaluation: () => evaluationRecord,
	drift: () => driftRecord,
	report: () => reportRecord,
	file: () => fileRecord,
	apiKey: () => apiKeyRecord,
	rollout: () => rolloutRecord,
	monitor: () => monitorRecord,
	verdict: () => verdictRecord,
	incident: () => incidentRecord,
	person: () => personRecord,
	people: () => modelPeople,
};
const PREFIX: Record<RecordKind, string> = {
	dataset: 'ds',
	run: 'run',
	modelVersion: 'mv',
	evaluation: 'ev',
	drift: 'dr',
	report: 're',
	file: 'fi',
	apiKey: 'ak',
	rollout: 'ro',
	monitor: 'mo',
	verdict: 've',
	incident: 'in',
	person: 'pe',
	people: 'pp',
};
const LABEL: Record<RecordKind, string> = {
	dataset: 'dataset',
	run: 'training run',
	modelVersion: 'model version',
	evaluation: 'evaluation',
	drift: 'drift report',
	report: 'report',
	file: 'file',
	apiKey: 'API key',
	rollout: 'rollout',
	monitor: 'monitor',
	verdict: 'verdict',
	incident: 'incident',
	person: 'person',
	people: "list of a model's people",
};

/** Digests of the artifacts that a record needs to be whole. */
const ARTIFACTS: { [K in RecordKind]: (body: RecordBodies[K]) => Array<string | undefined> } = {
	dataset: (body) => [body.data, ...(body.parts ?? []).map(({ data }) => data), body.quarantine, body.profile],
	run: (body) => [body.model, body.split.artifact, body.reference, body.imported?.file],
	modelVersion: (body) => [body.digest],
	evaluation: (body) => [body.model, body.predictions],
	drift: () => [],
	report: (body) => [body.html, body.full, ...body.charts.map((c) => c.digest)],
	file: (body) => body.files.map((f) => f.digest),
	apiKey: () => [],
	rollout: () => [],
	monitor: () => [],
	verdict: () => [],
	incident: () => [],
	person: () => [],
	people: () => [],
};
export const artifactsOf = <K extends RecordKind>(kind: K, body: RecordBodies[K]): string[] =>
	ARTIFACTS[kind](body).filter((digest) => digest !== undefined);

/** What the column `about` holds: the digest of the model package that an evaluation is about, the begin of a verdict's window. */
export function aboutOf<K extends RecordKind>(kind: K, body: RecordBodies[K]): string | null {
	if (kind === 'evaluation') return (body as RecordBodies['evaluation']).model;
	return kind === 'verdict' ? (body as RecordBodies['verdict']).from : null;
}

/** The audit action under which a kind is added. */
export const addedAction = (kind: RecordKind): string => (kind === 'modelVersion' ? 'model.registered' : `${kind}.added`);

/** What the audit chain says about a record; `verify` compares it with the row. */
export const recordFacts = (
	row: Pick<RecordRow, 'id' | 'kind' | 'name' | 'version' | 'digest'>,
	parents: readonly string[],
): Record<string, unknown> => ({
	id: row.id,
	kind: row.kind,
	name: row.name,
	version: row.version,
	digest: row.digest,
	parents: [...parents].sort(),
});

/** A row as people get it. @throws `store.corrupt` when its body does not fit its digest */
export function recordOf<K extends RecordKind>(row: RecordRow): StoredRecord<K> {
	if (sha256(row.body) !== row.digest) {
		throw new MlopsError(
			'store.corrupt',
			`The ${LABEL[row.kind as K]} "${row.name}" version ${row.version} was altered after it was written.`,
			{
				expected: row.digest,
				found: sha256(row.body),
				remedy: "Restore the store's folder from a backup.",
			},
		);
	}
	return {
		id: row.id,
		kind: row.kind as K,
		name: row.name,
		version: row.version,
		createdAt: row.created_at,
		digest: row.digest,
		body: JSON.parse(row.body) as RecordBodies[K],
	};
}

interface Filing {
	kind: string;
	memo: string;
	record: string;
}

/** The audit action that files a record under one more memo key; the first key is part of the event that adds the record. */
export const FILED = 'memo.filed';

/** What an event says was filed under a memo key, if it says so. */
export function filingOf({ details }: Pick<AuditEvent, 'details'>): Filing | undefined {
	const { kind, memo, id, record = id } = details;
	return typeof kind === 'string' && typeof memo === 'string' && typeof record === 'string' ? { kind, memo, record } : undefined;
}

/** Whether the event that a memo's row names is sound and says what the row says; rows of before events were named are not. */
async function isFiled(db: Kysely<Tables>, row: Tables['memo']): Promise<boolean> {
	const stored =
		row.seq === null ? undefined : await db.selectFrom('audit_event').selectAll().where('seq', '=', row.seq).executeTakeFirst();
	if (!stored) return false;
	const { hash, ...event } = eventOf(stored);
	const filing = filingOf(event);
	return filing?.kind === row.kind && filing.memo === row.memo && filing.record === row.record && hashOf(event) === hash;
}

type RecordStore = Pick<
	Store,
	'add' | 'get' | 'find' | 'list' | 'page' | 'windows' | 'count' | 'names' | 'recall' | 'evaluationOf' | 'lineage'
>;

const newest = (db: Kysely<Tables>, kind: RecordKind, name: string): Promise<RecordRow | undefined> =>
	db
		.selectFrom('record')
		.selectAll()
		.where('kind', '=', kind)
		.where('name', '=', name)
		.orderBy('version', 'desc')
		.limit(1)
		.executeTakeFirst();

async function file(db: Transaction<Tables>, { kind, memo, record }: Filing, seq: number): Promise<void> {
	await db
		.insertInto('memo')
		.values({ kind, memo, record, seq })
		.onConflict((c) => c.columns(['kind', 'memo']).doUpdateSet({ record, seq }))
		.execute();
}

/** Files a record that is there already under one more key, unless it lies under it. */
async function fileAgain(db: Transaction<Tables>, append: Append, filing: Filing, name: string): Promise<void> {
	const present = await db
		.selectFrom('memo')
		.selectAll()
		.where('kind', '=', filing.kind)
		.where('memo', '=', filing.memo)
		.executeTakeFirst();
	if (present?.record === filing.record && (await isFiled(db, present))) return;
	const { seq } = await append({ actor: 'system', action: FILED, subject: name, details: { ...filing } });
	await file(db, filing, seq);
}

/** Of a record: those that it was made from (`up`) or that were made from it. */
async function neighbours(db: Kysely<Tables>, id: string, direction: 'up' | 'down', limit: number): Promise<string[]> {
	const [from, to] = direction === 'up' ? (['child', 'parent'] as const) : (['parent', 'child'] as const);
	let query = db.selectFrom('parent').select(`${to} as id`).where(from, '=', id).orderBy(to);
	if (Number.isFinite(limit)) query = query.limit(limit);
	return (await query.execute()).map((row) => row.id);
}

async function lineageOf(db: Kysely<Tables>, id: string, direction: 'up' | 'down', limit: number): Promise<Relative[]> {
	const found = new Map<string, Relative>();
	// Breadth first, so that the nearest come first.
	for (let level = [id]; level.length > 0; ) {
		const next: string[] = [];
		for (const at of level) {
			for (const neighbour of await neighbours(db, at, direction, limit)) {
				const known = found.get(neighbour);
				if (known) known.links.push(at);
				if (known || neighbour === id || found.size >= limit) continue;
				const row = await db
					.selectFrom('record')
					.select(['id', 'kind', 'name', 'version'])
					.where('id', '=', neighbour)
					.executeTakeFirstOrThrow();
				found.set(neighbour, { ...row, kind: row.kind as RecordKind, links: [at] });
				next.push(neighbour);
			}
		}
		level = next;
	}
	return [...found.values()];
}

const addingRecords = (ledger: Ledger, artifacts: OwnArtifacts): Pick<RecordStore, 'add'> => ({
	async add<K extends RecordKind>(
		kind: K,
		name: string,
		body: RecordBodies[K],
		options: { parents?: string[]; memo?: string } = {},
	): Promise<StoredRecord<K>> {
		const given = checked(kind, body);
		const parents = [...new Set(options.parents ?? [])].sort();

		return await ledger.change(async (db, append) => {
			// Within the transaction: a file that nobody names may go in another one (unnamed.ts).
			await artifacts.require(artifactsOf(kind, given));
			const last = await newest(db, kind, name);
			// A model version carries its own number, which only the transaction knows.
			const numbered = (version: number): RecordBodies[K] => (kind === 'modelVersion' ? { ...given, name, version } : given);
			if (last && sha256(canonicalJson(numbered(last.version))) === last.digest) {
				if (options.memo !== undefined) await fileAgain(db, append, { kind, memo: options.memo, record: last.id }, name);
				return recordOf<K>(last);
			}
			const version = (last?.version ?? 0) + 1;
			const text = canonicalJson(numbered(version));
			const id = `${PREFIX[kind]}_${randomBytes(10).toString('hex')}`;
			const row = { id, kind, name, version, digest: sha256(text) };
			const event = await append({
				actor: 'system',
				action: addedAction(kind),
				subject: name,
				details: { ...recordFacts(row, parents), ...(options.memo === undefined ? {} : { memo: options.memo }) },
			});
			await db
				.insertInto('record')
				.values({ ...row, created_at: event.at, body: text, about: aboutOf(kind, given) })
				.execute();
			for (const parent of parents) {
				const known = await db.selectFrom('record').select('id').where('id', '=', parent).executeTakeFirst();
				if (!known) throw notFound(`The record ${parent}, which the ${LABEL[kind]} "${name}" was made from,`);
				await db.insertInto('parent').values({ child: id, parent }).execute();
			}
			if (options.memo !== undefined) await file(db, { kind, memo: options.memo, record: id }, event.seq);
			return { id, kind, name, version, createdAt: event.at, digest: row.digest, body: numbered(version) };
		});
	},
});

/** Reading one record, by its id, its name, a memo key or the model that it is about. */
const findingRecords = (view: View): Pick<RecordStore, 'get' | 'find' | 'recall' | 'evaluationOf'> => ({
	async get<K extends RecordKind>(kind: K, id: string): Promise<StoredRecord<K>> {
		const row = await view.read.selectFrom('record').selectAll().where('id', '=', id).where('kind', '=', kind).executeTakeFirst();
		if (!row) throw notFound(`The ${LABEL[kind]} ${id}`);
		return recordOf<K>(row);
	},
	async find<K extends RecordKind>(kind: K, name: string, version?: number): Promise<StoredRecord<K> | undefined> {
		const row =
			version === undefined
				? await newest(view.read, kind, name)
				: await view.read
						.selectFrom('record')
						.selectAll()
						.where('kind', '=', kind)
						.where('name', '=', name)
						.where('version', '=', version)
						.executeTakeFirst();
		return row && recordOf<K>(row);
	},
	async recall<K extends RecordKind>(kind: K, memo: string): Promise<StoredRecord<K> | undefined> {
		const filed = await view.read.selectFrom('memo').selectAll().where('kind', '=', kind).where('memo', '=', memo).executeTakeFirst();
		// A line that the chain does not bear out answers nothing: the work is then done once more.
		if (!filed || !(await isFiled(view.read, filed))) return undefined;
		const row = await view.read.selectFrom('record').selectAll().where('id', '=', filed.record).where('kind', '=', kind).executeTakeFirst();
		return row && recordOf<K>(row);
	},
	async evaluationOf(modelDigest) {
		const row = await view.read
			.selectFrom('record')
			.selectAll()
			.where('kind', '=', 'evaluation')
			.where('about', '=', modelDigest)
			.orderBy('seq', 'desc')
			.limit(1)
			.executeTakeFirst();
		return row && recordOf<'evaluation'>(row);
	},
});

const listingRecords = (view: View): Pick<RecordStore, 'list' | 'page' | 'windows' | 'count' | 'names' | 'lineage'> => ({
	async list<K extends RecordKind>(
		kind: K,
		{ name, versions, limit }: { name?: string; versions?: readonly number[]; limit?: number } = {},
	): Promise<Array<StoredRecord<K>>> {
		// Of one name, versions come in the order of their places, and an index holds them so.
		let query = view.read
			.selectFrom('record')
			.selectAll()
			.where('kind', '=', kind)
			.orderBy(name === undefined ? 'seq' : 'version', 'desc');
		if (name !== undefined) query = query.where('name', '=', name);
		if (versions !== undefined) query = query.where('version', 'in', versions);
		if (limit !== undefined) query = query.limit(limit);
		return (await query.execute()).map((row) => recordOf<K>(row));
	},
	async windows(monitor, limit) {
		const rows = await view.read
			.selectFrom('record')
			.select((of) => ['about', of.fn.max('version').as('version')])
			.where('kind', '=', 'verdict')
			.where('name', '=', monitor)
			.where('about', 'is not', null)
			.groupBy('about')
			.orderBy('about', 'desc')
			.limit(limit)
			.execute();
		return rows.map(({ about, version }) => ({ from: about!, version: Number(version) }));
	},
	async page<K extends RecordKind>(
		kind: K,
		{ name, after, before, limit }: { name?: string; after?: number; before?: number; limit: number },
	): Promise<Array<PlacedRecord<K>>> {
		let query = view.read
			.selectFrom('record')
			.selectAll()
			.where('kind', '=', kind)
			.orderBy('seq', after === undefined ? 'desc' : 'asc')
			.limit(limit);
		if (name !== undefined) query = query.where('name', '=', name);
		if (after !== undefined) query = query.where('seq', '>', after);
		if (before !== undefined) query = query.where('seq', '<', before);
		return (await query.execute()).map((row) => ({ ...recordOf<K>(row), seq: Number(row.seq) }));
	},
	async count(kind, { until, parent } = {}) {
		let query = view.read
			.selectFrom('record')
			.select((of) => of.fn.countAll().as('n'))
			.where('kind', '=', kind);
		if (until !== undefined) query = query.where('seq', '<=', until);
		if (parent === undefined) return Number((await query.executeTakeFirstOrThrow()).n);
		// Joined, since SQLite reads all records of the kind where ids are asked for that are in a list.
		const made = query.innerJoin('parent', 'parent.child', 'record.id').where('parent.parent', '=', parent);
		return Number((await made.executeTakeFirstOrThrow()).n);
	},
	async names(kind) {
		return (await view.read.selectFrom('record').select('name').distinct().where('kind', '=', kind).orderBy('name').execute()).map(
			(r) => r.name,
		);
	},
	lineage: (id, direction, limit = Number.POSITIVE_INFINITY) => lineageOf(view.read, id, direction, limit),
});

export const createRecords = (view: View, ledger: Ledger, artifacts: OwnArtifacts): RecordStore => ({
	...addingRecords(ledger, artifacts),
	...findingRecords(view),
	...listingRecords(view),
});

function checked<K extends RecordKind>(kind: K, body: RecordBodies[K]): RecordBodies[K] {
	const parsed = BODIES[kind]().safeParse(body);
	if (parsed.success) return parsed.data;
	const [issue] = parsed.error.issues;
	throw new MlopsError(
		'input.invalid',
		`The ${LABEL[kind]} cannot be stored: ${issue?.path.join('.') || 'the record'}: ${issue?.message ?? 'invalid'}.`,
		{ cause: parsed.error },
	);
}

export const notFound = (what: string): MlopsError =>
	new MlopsError('store.not_found', `${what} is not in the store.`, {
		remedy: 'Run the node that makes it again on this instance.',
	});
