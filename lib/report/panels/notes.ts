import { count } from '../formatting.js';
import { html, type Content } from '../safeHtml.js';
import { definePanel, type Panel } from './panel.js';

const MOST = 20;

interface Look {
	title?: string;
	note?: (text: string) => Content;
}

/** What else is good to know about a record, one sentence each. */
export const notesPanel = <Input>(
	of: (input: Input) => readonly string[],
	{ title = 'Good to know', note = (text) => html`<p>${text}</p>` }: Look = {},
): Panel<Input> =>
	definePanel<Input, readonly string[]>({
		id: 'notes',
		data(input) {
			const notes = of(input);
			return notes.length ? notes : undefined;
		},
		draw: (notes) => ({
			title,
			body: [
				notes.slice(0, MOST).map(note),
				notes.length > MOST ? html`<p class="hint">${count(notes.length - MOST, 'more note')} not shown.</p>` : '',
			],
		}),
	});
