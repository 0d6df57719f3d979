import { truthReader, type TruthReading } from '../data/truth/readTruth.js';
import { readPackage } from '../formats/modelPackage.js';
import type { Store } from '../store/contract.js';
import { invalidTruth, type CheckedTruth } from './truthRows.js';

type Reader = (value: unknown) => TruthReading;

/** Readers of truths, by the models that they are about. */
export interface TruthReaders {
	/** Where no model is known yet: kept as it comes. */
	raw: Reader;
	/** @throws `store.not_found` */
	ofDigest(digest: string): Promise<Reader>;
	/** As the version reads that most callers are answered by. @throws `truth.invalid` where there is no such model */
	ofModel(name: string, truth: CheckedTruth): Promise<Reader>;
}

const raw: Reader = (value) => {
	if (value === null || value === undefined || value === '' || Number.isNaN(value)) return { missing: true };
	const isOne = typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
	return isOne ? { value } : { unreadable: true, expected: 'a class or a number' };
};

export function createTruthReaders(store: Store): TruthReaders {
	const digests = new Map<string, Promise<Reader>>();
	const names = new Map<string, Promise<Reader | undefined>>();
	const ofDigest = async (digest: string): Promise<Reader> => {
		let reader = digests.get(digest);
		if (!reader) digests.set(digest, (reader = store.artifacts.get(digest).then((bytes) => truthReader(readPackage(bytes).manifest))));
		return await reader;
	};
	async function usual(name: string): Promise<Reader | undefined> {
		const version = (await store.alias(name, 'champion')) ?? undefined;
		const record = await store.find('modelVersion', name, version);
		return record && (await ofDigest(record.body.digest));
	}
	return {
		raw,
		ofDigest,
		async ofModel(name, { row, columns }) {
			let reader = names.get(name);
			if (!reader) names.set(name, (reader = usual(name)));
			const found = await reader;
			if (found) return found;
			const known = await store.names('modelVersion');
			throw invalidTruth(
				row,
				columns.model,
				name,
				known.length ? `one of: ${known.slice(0, 10).join(', ')}` : 'a model that is registered',
			);
		},
	};
}
