import { withDuck } from '../data/duck.js';
import { truthCode, truthReader, type TruthReading, type TruthValue } from '../data/truth/readTruth.js';
import { tableWithTruth } from '../data/truth/resolve.js';
import { MlopsError, type ErrorCode } from '../domain/errors.js';
import type { ModelManifest } from '../domain/model.js';
import type { RolloutRecord } from '../domain/rollout.js';
import { readPackage } from '../formats/modelPackage.js';
import type { Store } from '../store/contract.js';

/** An answer of a rollout whose truth is known. */
export interface TruthPair {
	/** Id of the answer; the unseen answer to the same question has the same one. */
	id: string;
	/** When it was answered, and when its truth was first told. */
	at: string;
	told: string;
	key?: string;
	/** `stable`, `candidate-8`, or `shadow-8` for an answer that nobody saw. */
	arm: string;
	version: number;
	/** As the model gave it: the probability of the positive class, one a class, or the value. */
	score: readonly number[];
	/** As the version reads it: a class, or a number. */
	truth: TruthValue;
	/** Its place among the version's classes, or the number; NaN for a class that the version does not know. */
	code: number;
}

/** How far a reader of pairs has come: hand it back to get what is new. Plain data. */
export interface PairCursor {
	/** The newest first telling so far. */
	told: string;
	/** Pairs told shortly before it, which must not come twice. */
	seen: string[];
}

/** Another machine's clock, or a writer that waits for its disk, may be so late (ms). */
const LATE_MS = 10 * 60_000;

interface Row {
	id: string;
	at: string;
	first_told: string;
	key: string | null;
	arm: string;
	version: number;
	digest: string;
	score: string;
	truth: string;
}

const nameOf = ({ id, arm, at }: Pick<TruthPair, 'id' | 'arm' | 'at'>): string => `${id} ${arm} ${at}`;

/**
 * Answers of a rollout and their truth, in the order in which the truth was first told; each once, with what counts for it now. A truth
 * that is corrected later does not come again: tests that are looked at again and again count each answer once. `corrected` says for how
 * many of all answers so far the truth was told more than once. `retold` is another number once any was told again, corrected or taken
 * back: what came before may be otherwise by now, and whoever wants it as it counts begins anew without a cursor. Answers of a version
 * whose package cannot be read are left out.
 */
export async function truthPairs(
	store: Store,
	{ id: rollout, model, startedAt }: Pick<RolloutRecord, 'id' | 'model' | 'startedAt'>,
	cursor?: PairCursor,
): Promise<{ pairs: TruthPair[]; cursor: PairCursor; corrected: number; retold: number }> {
	const from = cursor && new Date(Date.parse(cursor.told) - LATE_MS).toISOString();
	const { rows, corrected, retold } = await withDuck({}, async (duck) => {
		await tableWithTruth(duck, store.log, 'found', { model, rollout, since: startedAt });
		const given = 'arm IS NOT NULL AND version IS NOT NULL';
		const known = `truth IS NOT NULL AND ${given}`;
		const again = `SELECT coalesce(CAST(sum(tellings - 1) AS DOUBLE), 0) AS n FROM found WHERE tellings > 0 AND ${given}`;
		return {
			rows: await duck.rows<Row>(
				`SELECT id, "at", first_told, key, arm, version, digest, score, truth FROM found WHERE ${known}` +
					`${from ? ` AND first_told >= TIMESTAMP '${from.replace('T', ' ').replace('Z', '')}'` : ''} ORDER BY first_told, "at", id, arm`,
			),
			corrected: (await duck.rows<{ n: number }>(`SELECT count(*) AS n FROM found WHERE ${known} AND tellings > 1`))[0].n,
			retold: (await duck.rows<{ n: number }>(again))[0].n,
		};
	});
	const before = new Set(cursor?.seen);
	const readers = await readersOf(store, rows);
	const pairs = rows.flatMap((row): TruthPair[] => {
		const reader = readers.get(row.digest);
		if (!reader || before.has(nameOf(row))) return [];
		const { manifest, read } = reader;
		const reading = read(JSON.parse(row.truth));
		if (!('value' in reading)) return [];
		const { id, at, first_told: told, key, arm, version } = row;
		return [
			{
				id,
				at,
				told,
				...(key === null ? {} : { key }),
				arm,
				version,
				score: JSON.parse(row.score) as number[],
				truth: reading.value,
				code: truthCode(manifest, reading.value),
			},
		];
	});
	const last = rows.at(-1)?.first_told ?? cursor?.told ?? startedAt;
	const recent = Date.parse(last) - LATE_MS;
	return { pairs, corrected, retold, cursor: { told: last, seen: rows.filter((row) => Date.parse(row.first_told) >= recent).map(nameOf) } };
}

async function readersOf(
	store: Store,
	rows: readonly Row[],
): Promise<Map<string, { manifest: ModelManifest; read: (value: unknown) => TruthReading }>> {
	const readers = new Map<string, { manifest: ModelManifest; read: (value: unknown) => TruthReading }>();
	for (const digest of new Set(rows.map((row) => row.digest))) {
		const manifest = await manifestIn(store, digest);
		if (manifest) readers.set(digest, { manifest, read: truthReader(manifest) });
	}
	return readers;
}

/** A package that is gone, was altered, or was made by a newer version. */
const UNREADABLE = new Set<ErrorCode>(['store.not_found', 'store.digest_mismatch', 'store.version_newer', 'learn.model_invalid']);

/**
 * What a package says of its model. Undefined where it cannot be read: the server says so of that version, the guards of a rollout take it
 * out, and what is known of the other arms is still told.
 */
export async function manifestIn(store: Store, digest: string): Promise<ModelManifest | undefined> {
	try {
		return readPackage(await store.artifacts.get(digest)).manifest;
	} catch (thrown) {
		if (UNREADABLE.has(MlopsError.from(thrown).code)) return undefined;
		throw thrown;
	}
}
