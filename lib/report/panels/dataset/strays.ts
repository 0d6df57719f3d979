import type { ColumnProfile } from '../../../domain/profile.js';
import { count, number, plain } from '../../formatting.js';
import { html, table } from '../../safeHtml.js';
import { definePanel } from '../panel.js';
import { shownColumns } from './columns.js';
import type { DatasetInput } from './input.js';

type Strays = NonNullable<ColumnProfile['strays']>;

const MOST = 12;

/** Cells that were no value of their column's type, by column. */
export const datasetStrays = definePanel<DatasetInput, Array<{ name: string; strays: Strays }>>({
	id: 'dataset_strays',
	data({ profile }) {
		const found = shownColumns(profile).flatMap(({ name, strays }) => (strays ? [{ name, strays }] : []));
		return found.length ? found : undefined;
	},
	draw(found) {
		const cells = found.flatMap(({ name, strays }) => strays.cells.map((cell) => ({ column: name, ...cell })));
		const total = found.reduce((sum, { strays }) => sum + strays.count, 0);
		const shown = cells.slice(0, MOST);
		const rest = total - shown.reduce((sum, c) => sum + c.count, 0);
		return {
			title: 'Cells that could not be read',
			body: [
				html`<p>${count(total, 'cell')} in ${count(found.length, 'column')} held something else than the rest of the column and
					${total === 1 ? ' is' : ' are'} empty now.</p>`,
				table(
					[{ head: 'Column' }, { head: 'Cell' }, { head: 'Times', number: true }, { head: 'First in row', number: true }],
					shown.map((c) => [plain(c.column, 60), plain(c.value, 60), number(c.count), number(c.row)]),
				),
				rest > 0 ? html`<p class="hint">${count(rest, 'more cell')} ${rest === 1 ? 'is' : 'are'} not listed.</p>` : '',
			],
		};
	},
});
