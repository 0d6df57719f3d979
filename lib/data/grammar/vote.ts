import type { FileVote, Inferred } from './tally.js';

/**
 * What the columns of a file say together about its notation: those that leave no doubt about the decimal mark, else the separator of the
 * file and the spelling of its dates; and the order of day and month.
 */
export function voteOf(guesses: readonly Inferred[], delimiter?: string): FileVote {
	const count = (mark: '.' | ',') => guesses.filter((g) => g.says.mark === mark).length;
	const [points, commas] = [count('.'), count(',')];
	const days = guesses.filter((g) => g.says.dayFirst === true).length;
	const months = guesses.filter((g) => g.says.dayFirst === false).length;
	const order = days === months ? {} : { dayFirst: days > months };
	const name = (mark: '.' | ',') => (mark === ',' ? 'a decimal comma' : 'a decimal point');
	if (points !== commas) {
		const mark = commas > points ? ',' : '.';
		const weak = points > 0 && commas > 0;
		return {
			mark,
			...(weak ? { weak } : {}),
			why: `${weak ? 'most other columns' : 'other columns'} of the file have ${name(mark)}`,
			...order,
		};
	}
	if (delimiter === ';') return { mark: ',', weak: true, why: 'values separated by semicolons usually have a decimal comma', ...order };
	if (points === 0 && guesses.some((g) => g.says.dotted))
		return { mark: ',', weak: true, why: 'with dates such as 31.12.2024 numbers usually have a decimal comma', ...order };
	return order;
}
