import { linesFound } from './lintRule.js';

it('finds texts that are cut at so many units, and lets lists, moments, digests and what is looked for pass', async () => {
	expect(
		await linesFound(
			'wholeCharacters',
			`const MOST = 500;
export function f(text: string, maybe: string | undefined, names: string[], at: string, end: number) {
	const one = text.slice(0, 60);
	const two = text.trim().substring(0, MOST);
	const three = maybe?.slice(0, 2_000);
	const four = \`\${text}…\`.slice(0, MOST - 1);
	const fine = [names.slice(0, 100), at.slice(0, 10), text.slice(0, end), text.slice(40), at.slice(11, 60)];
	return [one, two, three, four, fine];
}
`,
		),
	).toEqual([3, 4, 5, 6]);
}, 60_000);
