import type { Profile } from '../../../domain/profile.js';
import { list, number, plain } from '../../formatting.js';
import { html, say } from '../../safeHtml.js';
import { definePanel } from '../panel.js';
import type { DatasetInput } from './input.js';

const MOST = 12;

/** What to look at before training. */
export const datasetWarnings = definePanel<DatasetInput, Profile['warnings']>({
	id: 'dataset_warnings',
	data: ({ profile }) => (profile.warnings.length ? profile.warnings : undefined),
	draw(warnings) {
		const more = warnings.slice(MOST);
		const where = list([...new Set(more.flatMap((w) => (w.column ? [w.column] : [])))], 5);
		return {
			title: 'Look at these before training',
			body: [
				warnings.slice(0, MOST).map((w) => say('warn', html`${w.text} ${w.remedy}`, w.column ? `${plain(w.column, 60)}:` : undefined)),
				more.length ? html`<p class="hint">${number(more.length)} more of the same kind${where ? `, in ${where}` : ''}.</p>` : '',
			],
		};
	},
});
