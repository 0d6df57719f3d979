import { own } from './dictionary.js';
import { rowJson } from './json.js';

/** How many places a sentence names. */
const MOST_NAMED = 5;

interface Count {
	count: number;
	places: string[];
}

/** Writes rows as JSON, and counts the values that JSON cannot hold: what is to be said of them, with the first places. */
export class LeftOut {
	private readonly unkept: Count = { count: 0, places: [] };
	private readonly infinite: Count = { count: 0, places: [] };

	/** The row as one line of JSON. @param place what people call it, such as `item 3` */
	line(row: Record<string, unknown>, place: string): string {
		const { text, left } = rowJson(row);
		for (const name of left) note(this.unkept, name, place);
		// JSON has no infinite numbers: they are null in it, so a row without null has none.
		if (text.includes('null'))
			for (const name of Object.keys(row)) if (!left.includes(name) && isInfinite(own(row, name))) note(this.infinite, name, place);
		return text;
	}

	notes(): Array<[code: string, text: string]> {
		const said: Array<[string, string]> = [];
		if (this.unkept.count) said.push(['data.value_left_out', sentence(this.unkept, 'circular or nested too deep to keep', '')]);
		if (this.infinite.count)
			said.push([
				'data.infinite',
				sentence(
					this.infinite,
					'infinite, with which no learner can work,',
					' They often come of a division by 0: see to it where they are made.',
				),
			]);
		return said;
	}
}

const isInfinite = (value: unknown): boolean => value === Infinity || value === -Infinity;

function note(of: Count, name: string, place: string): void {
	of.count++;
	if (of.places.length < MOST_NAMED) of.places.push(`"${name}" of ${place}`);
}

function sentence({ count, places }: Count, what: string, more: string): string {
	const [values, are] = count === 1 ? ['value was', 'is'] : ['values were', 'are'];
	const where = `${places.join(', ')}${count > places.length ? ', ...' : ''}`;
	return `${count.toLocaleString('en')} ${values} ${what} and ${are} missing: ${where}.${more}`;
}
