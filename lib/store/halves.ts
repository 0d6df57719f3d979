import { hash, randomUUID } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { wellFormed } from '../domain/text.js';
import { hashedText, hashOf } from './audit.js';
import type { AuditEvent } from './contract.js';

type Unhashed = Omit<AuditEvent, 'hash'>;
const FIELDS = ['actor', 'action', 'subject'] as const;
const MARK = '\uFFFD';
/** Stands for a mark where texts are put together, and for nothing else. */
const PLACE = randomUUID();

/**
 * All that one mark may have been: itself, or any half of a character, as JSON writes it. The halves that a cut emoji leaves come first.
 */
const SPELLINGS: readonly string[] = [MARK, ...Array.from({ length: 2048 }, (_, i) => `\\u${(0xd800 + ((i + 0x3c) % 2048)).toString(16)}`)];

/** Pairs tried between two moments in which the calling thread may do other things. */
const PIECE = 50_000;

/**
 * Finds out what an event said when it was hashed. Versions before this one hashed half a character (an emoji that was cut in two) as
 * it was, but a database has no such thing and keeps U+FFFD for it. The hash tells: whatever half it was, one spelling fits, and nobody
 * can make another text fit. Texts met before are remembered, since the same actor and the same model come again.
 */
export interface Halves {
	/** Remembers every text in this value that holds half a character. */
	learn(value: unknown): void;
	/** The event as it was hashed, or undefined where no spelling fits `wanted`. */
	recover(event: Unhashed, wanted: string): Promise<Unhashed | undefined>;
}

export function createHalves(): Halves {
	/** Texts with halves by how a database keeps them. */
	const known = new Map<string, Set<string>>();

	const learn = (value: unknown): void => {
		if (typeof value === 'string') {
			const kept = wellFormed(value);
			if (kept !== value) known.set(kept, (known.get(kept) ?? new Set()).add(value));
		} else if (typeof value === 'object' && value !== null) {
			for (const [key, entry] of Object.entries(value)) {
				learn(key);
				learn(entry);
			}
		}
	};

	/** With texts that were met before. */
	function remembered(event: Unhashed, wanted: string): Unhashed | undefined {
		const options = FIELDS.map((field) => [event[field], ...(known.get(event[field]) ?? [])]);
		for (const actor of options[0])
			for (const action of options[1])
				for (const subject of options[2]) {
					const tried = { ...event, actor, action, subject };
					if (hashOf(tried) === wanted) return tried;
				}
		return undefined;
	}

	/** One by one: every half for one mark, every pair for two; of more marks only all the same. */
	async function searched(event: Unhashed, wanted: string): Promise<Unhashed | undefined> {
		const placed = Object.fromEntries(FIELDS.map((field) => [field, event[field].replaceAll(MARK, PLACE)]));
		const parts = hashedText({ ...event, ...placed }).split(PLACE);
		const marks = parts.length - 1;
		const fits = (spelt: readonly string[]): boolean =>
			hash(
				'sha256',
				parts.reduce((text, part, i) => text + spelt[i - 1]! + part),
			) === wanted;
		const spell = (spelt: readonly string[]): Unhashed => {
			let at = 0;
			const next = (): string => JSON.parse(`"${spelt[at++]!}"`) as string;
			// In the order in which canonical JSON has them.
			const action = event.action.replaceAll(MARK, next);
			const actor = event.actor.replaceAll(MARK, next);
			return { ...event, action, actor, subject: event.subject.replaceAll(MARK, next) };
		};
		for (const one of SPELLINGS) {
			const spelt = Array<string>(marks).fill(one);
			if (fits(spelt)) return spell(spelt);
		}
		if (marks !== 2) return undefined;
		let tried = 0;
		for (const one of SPELLINGS)
			for (const two of SPELLINGS) {
				if (fits([one, two])) return spell([one, two]);
				if (++tried % PIECE === 0) await breathe();
			}
		return undefined;
	}

	return {
		learn,
		async recover(event, wanted) {
			if (!FIELDS.some((field) => event[field].includes(MARK))) return undefined;
			const found = remembered(event, wanted) ?? (await searched(event, wanted));
			if (found) for (const field of FIELDS) learn(found[field]);
			return found;
		},
	};
}
