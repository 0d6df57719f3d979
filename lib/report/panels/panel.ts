import type { Chart } from '../charts/chart.js';
import type { Content } from '../safeHtml.js';

/** A part of a report under a heading; without a title it goes on with the section before. */
export interface Section {
	title?: string;
	hint?: string;
	body?: Content;
	/** What n8n's panel, or the full page, shows instead of the body; one that gets neither, nor charts, leaves the section out. */
	safe?: Content;
	full?: Content;
	/** On the full page, and as pictures. */
	charts?: Chart[];
}

/** A section of a report: what it needs of the record, and how that looks. */
export interface Panel<Input, Data = unknown> {
	id: string;
	/** What the panel shows; nothing where the record has nothing for it. */
	data(input: Input): Data | undefined;
	/** Most are one section. */
	draw(data: Data): Section | Section[];
}

/** A panel whose drawing gets what its data are. */
export const definePanel = <Input, Data>(panel: Panel<Input, Data>): Panel<Input> => panel;

/** What panels make of a record, in their order. */
export const sectionsOf = <Input>(panels: ReadonlyArray<Panel<Input>>, input: Input): Section[] =>
	panels.flatMap((panel) => {
		const data = panel.data(input);
		return data === undefined ? [] : panel.draw(data);
	});
