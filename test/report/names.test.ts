import { renderSvg } from '../../lib/report/render.js';

test('texts called like what every object has are drawn as they are, and change no object', async () => {
	const names = Object.getOwnPropertyNames(Object.prototype);
	for (let i = 0; i < 2; i++) {
		const svg = await renderSvg(
			{
				xAxis: { type: 'value' },
				yAxis: { type: 'category', data: [...names, 'a constructor of __proto__s'], axisLabel: { interval: 0 } },
				legend: {},
				series: names.slice(0, 3).map((name) => ({ type: 'bar' as const, name, data: names.map((_, k) => k) })),
			},
			{ width: 600, height: 900 },
		);
		for (const name of [...names, 'a constructor of __proto__s']) expect(svg).toContain(name);
	}
	const inherited: string[] = [];
	for (const key in {}) inherited.push(key);
	expect(inherited).toEqual([]);
	for (const name of names) expect(Object.keys((Object.prototype as unknown as Record<string, object>)[name] ?? {})).toEqual([]);
});
