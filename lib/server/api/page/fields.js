// @ts-check
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { element, figure, plain } from './show.js';

/**
 * One field a column of the row's schema.
 * @typedef {{ name: string, input: HTMLInputElement | HTMLSelectElement, box: HTMLElement,
 *   read(): unknown, fill(value: unknown): void }} Field
 */

/** A moment at the very beginning of a day, or a day. */
const DAY = /^\d{4}-\d\d-\d\d(T00:00:00(\.0+)?Z)?$/;
/** Known values that stand below a field. */
const NAMED = 4;

/**
 * @param {Record<string, any>} schema JSON Schema of a row
 * @param {Record<string, unknown>} example
 * @returns {Field[]}
 */
export const fieldsOf = (schema, example) =>
	Object.entries(schema.properties).map(([name, column], k) => {
		const about = column['x-column'] ?? { type: 'text' };
		const value = Object.hasOwn(example, name) ? example[name] : null;
		const id = `field-${k}`;
		const { input, read, fill, list } = FORMS[/** @type {keyof FORMS} */ (about.type)](about, column, value);
		input.id = id;
		input.setAttribute('aria-describedby', `${id}-note`);
		if (list) {
			list.id = `${id}-list`;
			input.setAttribute('list', list.id);
		}
		fill(value);
		const box = element(
			'div',
			{ class: 'field' },
			element('label', { for: id }, name),
			input,
			element('span', { class: 'soft', id: `${id}-note` }, noteOf(about, column)),
			...(list ? [list] : []),
		);
		return { name, input, box, read, fill };
	});

/** @param {any} about @param {any} column */
function noteOf(about, column) {
	if (about.type === 'datetime') {
		const unit = about.min === undefined || (DAY.test(about.min) && DAY.test(about.max)) ? '' : ' (UTC)';
		return about.min === undefined ? 'A date' : `${day(about.min)} to ${day(about.max)}${unit}`;
	}
	if (about.min !== undefined) return `${figure(about.min)} to ${figure(about.max)}`;
	if (about.type === 'category' && about.levels) {
		const some = (column.examples ?? []).slice(0, NAMED).map(plain).join(' \u00b7 ');
		return about.levels > NAMED ? `${some} \u00b7 \u2026 (${about.levels} known values)` : some;
	}
	return '';
}

/** @param {string} iso */
const day = (iso) => (DAY.test(iso) ? iso.slice(0, 10) : iso.slice(0, 16).replace('T', ' '));

/** @param {string} type @param {Record<string, string>} more */
const textInput = (type, more = {}) =>
	/** @type {HTMLInputElement} */ (element('input', { type, autocomplete: 'off', spellcheck: 'false', ...more }));

/** @typedef {{ input: HTMLInputElement | HTMLSelectElement, read(): unknown, fill(value: unknown): void, list?: HTMLElement }} Form */

/** @param {string} [step] @returns {Form} */
function numberForm(step = 'any') {
	// A field of type "number" would hide what it cannot read; what the server says of it is worth more.
	const input = textInput('text', { inputmode: step === '1' ? 'numeric' : 'decimal' });
	return {
		input,
		read: () => {
			const text = input.value.trim();
			return text === '' ? null : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
		},
		fill: (value) => {
			input.value = value === null ? '' : String(value);
		},
	};
}

/** @param {any} _about @param {any} column @returns {Form} */
function textForm(_about, column) {
	const input = textInput('text');
	const values = column.examples ?? [];
	return {
		input,
		read: () => (input.value === '' ? null : input.value),
		fill: (value) => {
			input.value = value === null ? '' : String(value);
		},
		list: values.length ? element('datalist', {}, ...values.map((/** @type {string} */ value) => element('option', { value }))) : undefined,
	};
}

/** @returns {Form} */
function yesNoForm() {
	const options = [
		['', 'not known'],
		['true', 'yes'],
		['false', 'no'],
	].map(([value, text]) => element('option', { value }, text));
	const input = /** @type {HTMLSelectElement} */ (element('select', {}, ...options));
	return {
		input,
		read: () => (input.value === '' ? null : input.value === 'true'),
		fill: (value) => {
			input.value = value === null ? '' : String(value === true || value === 1);
		},
	};
}

/** @param {any} about @param {any} _column @param {unknown} example @returns {Form} */
function dateForm(about, _column, example) {
	const days = [example, about.min, about.max].every((value) => typeof value !== 'string' || DAY.test(value));
	const input = textInput(days ? 'date' : 'datetime-local', days ? {} : { step: '1' });
	return {
		input,
		read: () => (input.value === '' ? null : days ? input.value : `${input.value}Z`),
		fill: (value) => {
			input.value = typeof value === 'string' ? value.slice(0, days ? 10 : 19) : '';
		},
	};
}

const FORMS = {
	number: () => numberForm(),
	integer: () => numberForm('1'),
	boolean: yesNoForm,
	datetime: dateForm,
	category: textForm,
	text: textForm,
};
