// @ts-check
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/**
 * An element with its attributes and children. Texts are set as text: whatever a name holds, it is never markup.
 * @param {string} tag
 * @param {Record<string, string | boolean | undefined>} [attributes]
 * @param {...(Node | string)} children
 */
export function element(tag, attributes = {}, ...children) {
	const made = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes))
		if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : value);
	made.append(...children.map((child) => (typeof child === 'string' ? plain(child) : child)));
	return made;
}

/** Text without signs that nobody sees or that turn the reading direction, so that no name looks like another. @param {unknown} text */
export const plain = (text) =>
	String(text).replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/gu, '\ufffd');

/** A number for people. @param {number} x */
export const figure = (x) =>
	Math.abs(x) >= 1e15 || (x !== 0 && Math.abs(x) < 1e-4) ? x.toExponential(2) : x.toLocaleString('en', { maximumSignificantDigits: 5 });

/** A probability for people: never 0 % or 100 % where it is not. @param {number} p */
export function percent(p) {
	const text = (100 * p).toLocaleString('en', { maximumFractionDigits: p > 0.99 || p < 0.01 ? 2 : 1 });
	if (text === '100' && p < 1) return 'over 99.99 %';
	if (text === '0' && p > 0) return 'under 0.01 %';
	return `${text} %`;
}

/** @param {unknown} value */
const shown = (value) =>
	value === null || value === undefined
		? 'not known'
		: typeof value === 'boolean'
			? value
				? 'yes'
				: 'no'
			: typeof value === 'number'
				? figure(value)
				: String(value);

/**
 * The answer to a row, in words and bars.
 * @param {Record<string, any>} answer
 * @param {{ target: string, finds: string | undefined, positive: string | undefined }} about
 * @param {Map<string, unknown>} asked values of the row, which reasons quote as they were asked
 * @returns {HTMLElement[]}
 */
export function answerParts(answer, about, asked) {
	const { prediction, probability, probabilities, reasons, warnings = [], threshold } = answer;
	const said = typeof prediction === 'number' ? figure(prediction) : String(prediction);
	const parts = [element('p', { class: 'verdict' }, about.finds ? said : `${about.target}: ${said}`)];
	const more = [
		probability === undefined ? '' : `Probability ${percent(probability)}.`,
		answer.anomaly_score === undefined ? '' : `How unlike the others: ${figure(answer.anomaly_score)}, from 0 to 1.`,
		threshold !== undefined && about.positive !== undefined
			? `The answer is "${about.positive}" from ${percent(threshold)} on.`
			: threshold !== undefined && answer.anomaly_score !== undefined
				? `An anomaly above ${figure(threshold)}.`
				: '',
	].filter(Boolean);
	if (more.length) parts.push(element('p', {}, more.join(' ')));
	for (const { text } of warnings) parts.push(element('p', { class: 'notes' }, text));
	if (probabilities) parts.push(...classBars(probabilities));
	if (reasons?.length) parts.push(...reasonBars(reasons, towardsOf(answer, about), asked));
	else if (reasons) parts.push(element('p', { class: 'soft' }, 'No column moved this answer.'));
	else parts.push(element('p', { class: 'soft' }, 'This model cannot tell its reasons: it was made by an earlier version.'));
	return parts;
}

/** @param {number} from share of the track @param {number} share @param {string} [kind] @param {boolean} [both] */
function track(from, share, kind = '', both = false) {
	const bar = element('i', { class: kind });
	bar.style.left = `${100 * from}%`;
	bar.style.width = `${100 * share}%`;
	return element('span', { class: both ? 'track both' : 'track', 'aria-hidden': 'true' }, bar);
}

const MOST_CLASSES = 10;
/** @param {Record<string, number>} probabilities */
function classBars(probabilities) {
	const all = Object.entries(probabilities).sort((a, b) => b[1] - a[1]);
	if (all.length < 3) return [];
	return [
		element(
			'ul',
			{ class: 'bars', 'aria-label': 'Probability of each class' },
			...all
				.slice(0, MOST_CLASSES)
				.map(([name, p]) =>
					element('li', {}, element('span', { class: 'what' }, name), track(0, p), element('span', { class: 'figure' }, percent(p))),
				),
		),
		...(all.length > MOST_CLASSES
			? [element('p', { class: 'soft' }, `And ${all.length - MOST_CLASSES} classes that are less likely.`)]
			: []),
	];
}

/**
 * What a reason to the right speaks for.
 * @param {Record<string, any>} answer
 * @param {{ finds: string | undefined, positive: string | undefined }} about
 */
function towardsOf({ prediction, probabilities }, { finds, positive }) {
	if (finds) return 'what is unlike the others';
	return positive !== undefined ? `"${positive}"` : probabilities ? `"${prediction}"` : 'a larger value';
}

/**
 * @param {Array<{ feature: string, value: unknown, contribution: number, error?: number, columns?: number, usual?: string }>} reasons
 * @param {string} towards
 * @param {Map<string, unknown>} asked
 */
function reasonBars(reasons, towards, asked) {
	const most = Math.max(...reasons.map((r) => Math.abs(r.contribution))) || 1;
	const said = (/** @type {string} */ feature, /** @type {unknown} */ value) =>
		shown(value === null ? null : (asked.get(feature) ?? value));
	return [
		element('h3', {}, 'What moved it most'),
		element('p', { class: 'soft' }, `To the right: towards ${towards}. To the left: against.`),
		element(
			'ul',
			{ class: 'bars', 'aria-label': 'Reasons' },
			...reasons.map(({ feature, value, contribution, error, columns, usual }) => {
				const share = Math.abs(contribution) / most / 2;
				const size = Number(Math.abs(contribution).toPrecision(3));
				const sign = size === 0 ? '' : contribution < 0 ? '\u2212' : '+';
				return element(
					'li',
					{},
					element(
						'span',
						{ class: 'what' },
						columns ? feature : `${feature}: ${said(feature, value)}`,
						...(usual ? [element('small', {}, usual)] : []),
					),
					contribution < 0 ? track(0.5 - share, share, 'against', true) : track(0.5, share, '', true),
					element('span', { class: 'figure' }, `${sign}${figure(size)}${error ? ` ± ${figure(Number(error.toPrecision(1)))}` : ''}`),
				);
			}),
		),
	];
}

/** Text in single quotes for a shell. @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * The request as a line for a shell. The key stays out of it: it is read from the environment.
 * @param {string} address @param {unknown} body @param {boolean} withKey
 */
export const curlLine = (address, body, withKey) =>
	[
		`curl ${quoted(address)}`,
		...(withKey ? ['-H "Authorization: Bearer $MLOPS_API_KEY"'] : []),
		`-H 'Content-Type: application/json'`,
		`-d ${quoted(JSON.stringify(body))}`,
	].join(' \\\n  ');
