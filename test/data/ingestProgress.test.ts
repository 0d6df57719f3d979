import { withDuck } from '../../lib/data/duck.js';

test('a statement that takes long says how far it is, and a short one says nothing', async () => {
	const shares: number[] = [];
	await withDuck({ threads: 1 }, async (duck) => {
		const tell = (share: number) => shares.push(share);
		await duck.watched(async () => await duck.run('SELECT 1'), tell);
		expect(shares).toEqual([]);
		await duck.run('CREATE TEMP TABLE numbers AS SELECT range AS i FROM range(300000)');
		// Long enough for some looks: nearly twenty thousand characters are made of each number.
		const statement = `SELECT max(length(repeat(md5(i::VARCHAR), 600))) FROM numbers`;
		await duck.watched(async () => await duck.run(statement), tell);
	});
	expect(shares.length).toBeGreaterThan(0);
	expect(shares).toEqual([...shares].sort((a, b) => a - b));
	for (const share of shares) expect(share > 0 && share < 1).toBe(true);
}, 60_000);
