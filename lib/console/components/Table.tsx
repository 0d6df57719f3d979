import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { compared, type Sortable } from '../data/sort.js';
import { many } from '../data/inWords.js';
import { Button } from './Button.js';
import { Help } from './Help.js';
import { Icon } from './Icon.js';

export interface Column<E> {
	/** Names it in the address where the table is sorted by the server. */
	id: string;
	head: string;
	cell: (entry: E) => ComponentChildren;
	/** What it is sorted by, where it can be. */
	by?: (entry: E) => Sortable;
	/** Numbers stand at the right. */
	numeric?: boolean;
	help?: ComponentChildren;
	/** May be broken into lines; else each cell is one line. */
	wide?: boolean;
}

export interface Sorting {
	column: string;
	descending: boolean;
}

/** One of the heads; a button where the column can be sorted by. */
function Head<E>({ column, sorting, sort }: { column: Column<E>; sorting?: Sorting; sort: () => void }) {
	const sorted = sorting?.column === column.id ? sorting : undefined;
	return (
		<th
			scope="col"
			class={column.numeric ? 'numeric' : undefined}
			aria-sort={sorted ? (sorted.descending ? 'descending' : 'ascending') : undefined}
		>
			<span class="th">
				{column.by ? (
					<button type="button" class="sort" onClick={sort}>
						{column.head}
						{sorted && <Icon name={sorted.descending ? 'down' : 'up'} />}
					</button>
				) : (
					column.head
				)}
				{column.help && <Help about={column.head}>{column.help}</Help>}
			</span>
		</th>
	);
}

/** Rows that are drawn at once: a table of ten thousand keeps a browser busy for many seconds. */
export const AT_ONCE = 300;

/**
 * A table. Its head sorts what is there, or (`sorting` and `onSort`) asks the server to; `more` adds the next page below. Of many rows that
 * are all there the first are drawn, and a button draws more. A cell that leads somewhere holds a link.
 */
export function Table<E>({
	label,
	columns,
	entries,
	keyOf,
	sorting: asked,
	onSort,
	more,
	loadingMore = false,
	total,
	marked,
}: {
	/** For screen readers: what the table lists. */
	label: string;
	columns: ReadonlyArray<Column<E>>;
	entries: readonly E[];
	keyOf: (entry: E) => string | number;
	sorting?: Sorting;
	onSort?: (sorting: Sorting) => void;
	more?: () => void;
	loadingMore?: boolean;
	total?: number;
	/** Rows that stand out. */
	marked?: (entry: E) => boolean;
}) {
	const [own, sortOwn] = useState<Sorting>();
	const [most, drawMore] = useState(AT_ONCE);
	const id = useId();
	const sorting = onSort ? asked : own;
	const by = columns.find((column) => column.id === sorting?.column)?.by;
	const shown = !onSort && by ? [...entries].sort((a, b) => compared(by(a), by(b), sorting!.descending)) : entries;
	const drawn = more ? shown : shown.slice(0, most);
	const held = shown.length - drawn.length;
	const of = total ?? (held > 0 ? shown.length : undefined);
	const next = more ?? (held > 0 ? () => drawMore(most + AT_ONCE) : undefined);
	const sort = (column: Column<E>): void =>
		(onSort ?? sortOwn)({ column: column.id, descending: sorting?.column === column.id ? !sorting.descending : Boolean(column.numeric) });
	return (
		<div class="table-box">
			<div class="table-scroll" role="group" aria-label={label} tabIndex={0}>
				<table>
					<caption class="hidden" id={id}>
						{label}
					</caption>
					<thead>
						<tr>
							{columns.map((column) => (
								<Head key={column.id} column={column} sorting={sorting} sort={() => sort(column)} />
							))}
						</tr>
					</thead>
					<tbody>
						{drawn.map((entry) => (
							<tr key={keyOf(entry)} class={marked?.(entry) ? 'marked' : undefined}>
								{columns.map((column) => (
									<td key={column.id} class={[column.numeric && 'numeric', column.wide && 'wide'].filter(Boolean).join(' ') || undefined}>
										{column.cell(entry)}
									</td>
								))}
							</tr>
						))}
					</tbody>
				</table>
			</div>
			{(next || (of !== undefined && of > drawn.length)) && (
				<div class="table-end">
					<span class="soft" role="status">
						{of === undefined ? many(drawn.length, 'row') : `${many(drawn.length, 'row')} of ${many(of, 'row')}`}
					</span>
					{next && (
						<Button small onClick={next} disabled={loadingMore}>
							{loadingMore ? 'Loading more' : 'Show more'}
						</Button>
					)}
				</div>
			)}
		</div>
	);
}
