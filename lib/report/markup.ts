import { escapeHtml } from './formatting.js';

/** HTML that is known to be safe: only `html` and `trusted` make it. */
export class Markup {
	constructor(readonly text: string) {}
	toString(): string {
		return this.text;
	}
}

export type Content = Markup | string | number | null | undefined | false | Content[];

const render = (content: Content): string =>
	content instanceof Markup
		? content.text
		: Array.isArray(content)
			? content.map(render).join('')
			: content === null || content === undefined || content === false
				? ''
				: escapeHtml(content);

/** Of each template: its parts without the line breaks, and the tabs behind them, that lay it out in the source. */
const laidOut = new WeakMap<TemplateStringsArray, readonly string[]>();

function partsOf(template: TemplateStringsArray): readonly string[] {
	let parts = laidOut.get(template);
	if (!parts) laidOut.set(template, (parts = template.map((part) => part.replace(/\n\t*/g, ''))));
	return parts;
}

/**
 * Template tag: everything put in is escaped unless it is `Markup` already, so a hostile column name can only ever be text. The template's
 * own line breaks and the tabs behind them are left out.
 */
export const html = (template: TemplateStringsArray, ...values: Content[]): Markup =>
	new Markup(partsOf(template).reduce((text, part, i) => text + render(values[i - 1]) + part));

/** Text of our own (styles, SVG drawn by the chart library) that is HTML as it stands. Never call it with anything a user wrote. */
export const trusted = (text: string): Markup => new Markup(text);

/** Pieces one after the other. */
export const join = (pieces: Content[], separator = ''): Markup => new Markup(pieces.map(render).filter(Boolean).join(separator));
