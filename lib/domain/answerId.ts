import { randomBytes } from 'node:crypto';

/**
 * Ids of answers: UUIDs of version 7 (RFC 9562), so that they sort by time and say when they were made. After the time comes a counter of
 * 24 bits, then what tells sources apart: 50 random bits, drawn once for each, and anew where the clock is put back by much.
 */

const COUNTER = 1 << 24;
const HEX = Array.from({ length: 4096 }, (_, i) => i.toString(16).padStart(3, '0'));
/** Pattern of ids that say when they were made. */
export const DATED_ID = '^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?:-[0-9]+)?$';
const V7 = new RegExp(DATED_ID);
/** How far the moment of an answer may lie from that of its id (ms): a request that waited, clocks of several machines. */
export const ID_MARGIN_MS = 3_600_000;

/** So far back (ms) a clock may be put without an id that is smaller than the one before. Well below `ID_MARGIN_MS`. */
const BACK_MS = 60_000;

/**
 * A function that makes ids, each greater than the one before; where the clock is put back by more than a minute, they follow it, since the
 * log is looked at by the time that they say. Cheap: it draws no random numbers between.
 */
export function createIdSource(): () => string {
	let variant = '';
	let tail = '';
	const draw = (): void => {
		const random = randomBytes(7).toString('hex');
		variant = '89ab'[random.charCodeAt(13) & 3];
		tail = `-${random.slice(0, 12)}`;
	};
	draw();
	let time = 0;
	let head = '';
	let counter = 0;
	return () => {
		const now = Date.now();
		if (now < time - BACK_MS) {
			// These milliseconds have had ids already.
			draw();
			time = 0;
		}
		if (now > time || counter === COUNTER) {
			time = Math.max(now, time + (counter === COUNTER ? 1 : 0));
			counter = 0;
			const hex = time.toString(16).padStart(12, '0');
			head = `${hex.slice(0, 8)}-${hex.slice(8)}-7`;
		}
		const id = `${head}${HEX[counter >> 12]}-${variant}${HEX[counter & 4095]}${tail}`;
		counter++;
		return id;
	};
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:-\d+)?$/;

/** An id as it was made: databases and spreadsheets give UUIDs back in capitals, or with blanks around them (RFC 9562, 4). */
export function idAsMade(id: string): string {
	const plain = id.trim().toLowerCase();
	return UUID.test(plain) ? plain : id;
}

/** When an id was made, in ms since 1970; undefined where it is another kind of id. That of a row of a request is its request's. */
export function timeOfId(id: string): number | undefined {
	const match = V7.exec(id);
	return match ? Number.parseInt(match[1] + match[2], 16) : undefined;
}
