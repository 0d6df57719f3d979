import type { ComponentChildren } from 'preact';
import { Help } from './Help.js';

/** One figure with its name, its unit, and what it is. Several stand in a `<div class="figures">`. */
export const Figure = ({
	label,
	value,
	unit,
	help,
	note,
	tone,
}: {
	label: string;
	value: ComponentChildren;
	unit?: string;
	/** "What is that?" in a sentence or two. */
	help?: ComponentChildren;
	/** Below it, smaller: how it changed, of how many. */
	note?: ComponentChildren;
	tone?: 'good' | 'warn' | 'bad';
}) => (
	<div class={`figure${tone ? ` ${tone}` : ''}`}>
		<p class="figure-label">
			{label}
			{help && <Help about={label}>{help}</Help>}
		</p>
		<p class="figure-value">
			{value}
			{unit && <span class="figure-unit"> {unit}</span>}
		</p>
		{note && <p class="figure-note soft">{note}</p>}
	</div>
);
