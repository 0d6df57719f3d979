import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';
import { useQuery } from '../router/router.js';

export interface Tab {
	id: string;
	label: ComponentChildren;
	/** Drawn when it is chosen. */
	content: () => ComponentChildren;
}

/** Views of one thing, the first unless the address names another (`?tab=lineage`). Arrow keys go from one to the next. */
export function Tabs({ tabs, label, name = 'tab' }: { tabs: readonly Tab[]; label: string; name?: string }) {
	const [asked, choose] = useQuery(name, tabs[0].id);
	const chosen = tabs.find(({ id }) => id === asked) ?? tabs[0];
	const prefix = useId();
	const list = useRef<HTMLDivElement>(null);
	const go = (event: KeyboardEvent): void => {
		const at = tabs.indexOf(chosen);
		const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
		if (next === undefined) return;
		event.preventDefault();
		const to = (next + tabs.length) % tabs.length;
		choose(tabs[to].id);
		(list.current?.children[to] as HTMLElement | undefined)?.focus();
	};
	return (
		<>
			<div class="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={go}>
				{tabs.map((tab) => (
					<button
						key={tab.id}
						type="button"
						role="tab"
						id={`${prefix}-${tab.id}`}
						aria-selected={tab === chosen}
						aria-controls={`${prefix}-panel`}
						tabIndex={tab === chosen ? 0 : -1}
						onClick={() => choose(tab.id)}
					>
						{tab.label}
					</button>
				))}
			</div>
			<div class="tab-panel" role="tabpanel" id={`${prefix}-panel`} aria-labelledby={`${prefix}-${chosen.id}`} key={chosen.id}>
				{chosen.content()}
			</div>
		</>
	);
}
