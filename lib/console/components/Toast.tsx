import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../data/api.js';
import { Icon } from './Icon.js';

interface Said {
	id: number;
	text: string;
	bad: boolean;
}

let said: Said[] = [];
let count = 0;
const listeners = new Set<(said: Said[]) => void>();
const change = (next: Said[]): void => {
	said = next;
	for (const listener of listeners) listener(said);
};
const take = (id: number): void => change(said.filter((one) => one.id !== id));

/** Says that something was done. What failed stays until it is closed. */
export function toast(text: string, { bad = false }: { bad?: boolean } = {}): void {
	const id = ++count;
	change([...said.slice(-3), { id, text, bad }]);
	if (!bad) setTimeout(() => take(id), 6_000);
}

/** Says why something could not be done, with what to do. */
export const toastError = (error: unknown): void =>
	toast(error instanceof ApiError ? [error.message, error.details.remedy].filter(Boolean).join(' ') : String(error), { bad: true });

export function Toasts() {
	const [shown, show] = useState(said);
	useEffect(() => {
		listeners.add(show);
		show(said);
		return () => void listeners.delete(show);
	}, []);
	return (
		<div class="toasts" role="status" aria-live="polite">
			{shown.map(({ id, text, bad }) => (
				<div key={id} class={bad ? 'toast bad' : 'toast'}>
					<p>{text}</p>
					<button type="button" class="icon-button" aria-label="Close" onClick={() => take(id)}>
						<Icon name="close" />
					</button>
				</div>
			))}
		</div>
	);
}
