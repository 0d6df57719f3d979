import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Base } from '../data/append.js';
import type { IngestInput, IngestResult } from '../data/ingest.js';
import type { DatasetRecord } from '../domain/dataset.js';
import { withinBytes } from '../domain/json.js';
import { profileSchema, type Profile } from '../domain/profile.js';
import type { RecordBodies, Store, StoredRecord } from '../store/contract.js';
import { currentDataset, sameVersion } from './currentDataset.js';

/** Bytes of notes that a record carries: all versions of a dataset are read at once. */
const NOTE_BYTES = 8_000;
const LEFT_OUT = 'data.notes_left_out';

/** The version of a dataset that rows are added to, and where it lies. */
export interface AddedTo extends Base {
	record: DatasetRecord;
	stored: StoredRecord<'dataset'>;
}

/** What was read, as a version of its dataset. */
export interface Kept {
	record: StoredRecord<'dataset'>;
	/** It was there already. */
	reused: boolean;
}

const partsOf = ({ data, rows, parts }: DatasetRecord): NonNullable<DatasetRecord['parts']> => parts ?? [{ data, rows }];

/** The profile of a stored version; without columns where an older version of this package kept none. */
export const profileIn = async (store: Store, { rows, profile }: DatasetRecord): Promise<Profile> =>
	profile === undefined
		? { rows, columns: [], duplicates: 0, warnings: [] }
		: profileSchema.parse(JSON.parse((await store.artifacts.get(profile)).toString('utf8')));

/** The version that rows are added to: the one that was read last. */
export async function addedTo(store: Store, name: string): Promise<AddedTo | undefined> {
	const stored = await currentDataset(store, name);
	if (!stored) return undefined;
	const { body: record, version } = stored;
	const files = await Promise.all(partsOf(record).map(async ({ data, rows }) => ({ path: await store.artifacts.materialise(data), rows })));
	return { stored, record, version, files, profile: await profileIn(store, record) };
}

/** What a person says now, and what was said of the version that rows are added to. */
export function saidOf<T extends Pick<IngestInput, 'target' | 'roles' | 'types'>>(input: T, base?: AddedTo): T {
	const { target, roles, types } = base?.record.said ?? {};
	return { ...input, target: input.target ?? target, roles: { ...roles, ...input.roles }, types: { ...types, ...input.types } };
}

/** Keeps a whole dataset; the same content is the same version. */
export async function keepWhole(store: Store, name: string, input: IngestInput, result: IngestResult): Promise<Kept> {
	const same = await sameVersion(store, name, result);
	if (same) return { record: same, reused: true };
	return { record: await store.add('dataset', name, await bodyOf(store, name, input, result)), reused: false };
}

/**
 * Keeps a version that rows were added to, with the files that it has in common with the one before.
 * @param temporary a fresh path for a file
 * @returns nothing where somebody else has made another version meanwhile: the rows are to be added to that one
 */
export async function keepAdded(
	store: Store,
	name: string,
	{ input, result, base, memo }: { input: IngestInput; result: IngestResult; base?: AddedTo; memo?: string },
	temporary: (extension: string) => Promise<string>,
): Promise<Kept | undefined> {
	const whole = base ? await withRefused(store, base.record, result, temporary) : result;
	const body = await bodyOf(store, name, input, whole, base);
	return await store.transact(async (part) => {
		if ((await currentDataset(part, name))?.id !== base?.stored.id) return undefined;
		const same = await sameVersion(part, name, whole);
		if (same) return { record: same, reused: true };
		return { record: await part.add('dataset', name, body, memo === undefined ? {} : { memo }), reused: false };
	});
}

/** With the rows that were refused before. */
async function withRefused(
	{ artifacts }: Store,
	{ quarantine, quarantined }: DatasetRecord,
	result: IngestResult,
	temporary: (extension: string) => Promise<string>,
): Promise<IngestResult> {
	if (quarantine === undefined) return result;
	const path = await temporary('ndjson');
	const files = [await artifacts.materialise(quarantine), ...(result.quarantinePath ? [result.quarantinePath] : [])];
	for (const file of files) await pipeline(createReadStream(file), createWriteStream(path, { flags: 'a' }));
	return { ...result, quarantinePath: path, quarantined: quarantined + result.quarantined };
}

/** What a version keeps of what was said while it was read: once, and what was said of the rows before first. */
function notesKept(result: IngestResult, before: DatasetRecord['notes'] = []): NonNullable<DatasetRecord['notes']> {
	const told = [...before, ...result.notes].filter(({ code }) => code !== LEFT_OUT);
	const all = [...new Map(told.map((note) => [note.text, note])).values()];
	const kept = withinBytes(all, NOTE_BYTES);
	const more = all.length - kept.length + Number.parseInt(before.find(({ code }) => code === LEFT_OUT)?.text ?? '0', 10);
	if (more === 0) return kept;
	// Whether one that found no room says something new is not known.
	const again = before.some(({ code }) => code === LEFT_OUT) ? ', some perhaps twice' : '';
	return [...kept, { code: LEFT_OUT, text: `${more} more notes are left out here${again}; the report of Ingest has what was said.` }];
}

async function bodyOf(
	{ artifacts }: Store,
	name: string,
	{ target, roles = {}, types = {} }: IngestInput,
	result: IngestResult,
	base?: AddedTo,
): Promise<RecordBodies['dataset']> {
	let profile: string | undefined;
	let quarantine: string | undefined;
	// Whoever is killed, or finds the disk full, between a file's getting its name and the record leaves a file that nobody names: what is
	// large comes last.
	const { digest: data } = await artifacts.putFile(result.dataPath, async () => {
		profile = await artifacts.put(JSON.stringify(result.profile));
		quarantine = result.quarantinePath ? (await artifacts.putFile(result.quarantinePath)).digest : undefined;
	});
	const { kept = 0, rows = 0 } = result.behind ?? {};
	const parts = base && kept > 0 ? [...partsOf(base.record).slice(0, kept), { data, rows }] : undefined;
	const isSaid = target !== undefined || Object.keys(roles).length + Object.keys(types).length > 0;
	return {
		name,
		rows: result.rows,
		columns: result.columns,
		content: result.content,
		data: parts ? await artifacts.put(JSON.stringify({ parts })) : data,
		...(parts ? { parts } : {}),
		profile,
		...(result.texts ? { texts: result.texts } : {}),
		...(result.fromText ? { fromText: result.fromText } : {}),
		...(result.target ? { target: result.target } : {}),
		...(result.task ? { task: result.task } : {}),
		...(isSaid ? { said: { ...(target === undefined ? {} : { target }), roles, types } } : {}),
		...(quarantine ? { quarantine } : {}),
		quarantined: result.quarantined,
		notes: notesKept(result, base?.record.notes),
		source: base ? { ...result.source, description: `${result.source.description}, added to version ${base.version}` } : result.source,
	};
}
