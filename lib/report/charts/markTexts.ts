/**
 * ECharts keeps the widths of texts and other things by name in plain objects. A text called `__proto__` or `constructor` then finds what
 * every object has, and writes to it: all objects of the process would get fields of a linked list. So such texts are drawn with a mark
 * inside that nobody sees, and the mark is taken out of the finished drawing.
 */
const MARK = '\u2060';
const INHERITED = new RegExp(Object.getOwnPropertyNames(Object.prototype).join('|'), 'g');

/** A text that ECharts can take for no property of its own, nor any part of it. */
export const markText = (text: string): string => text.replace(INHERITED, (name) => name[0] + MARK + name.slice(1));

export const unmark = (drawing: string): string => drawing.replaceAll(MARK, '');

/** All texts of an option; functions and typed arrays stay. */
export function markTexts<T>(value: T): T {
	if (typeof value === 'string') return markText(value) as T;
	if (Array.isArray(value)) return value.map(markTexts) as T;
	if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
	return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, markTexts(v as unknown)])) as T;
}
