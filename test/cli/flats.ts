import { writeFileSync } from 'node:fs';

/** Prices of flats that follow from size and city, with some noise: text of a CSV with so many rows. */
export function flats(rows: number): string {
	let state = 1;
	const noise = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
	const lines = Array.from({ length: rows }, (_, i) => {
		const city = ['Rome', 'Oslo', 'Lima'][i % 3];
		const size = 30 + Math.floor(noise() * 120);
		const sold = size + noise() * 40 + (city === 'Oslo' ? 20 : 0) > 110 ? 'yes' : 'no';
		return [city, size, 1 + Math.floor(size / 30), sold].join(',');
	});
	return ['city,size,rooms,sold', ...lines].join('\n');
}

export function writeFlats(path: string, rows = 400): string {
	writeFileSync(path, flats(rows));
	return path;
}
