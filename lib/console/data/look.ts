/** How the console looks: as the device says, or as the reader chose. */
export type Look = 'auto' | 'light' | 'dark';

const KEPT = 'mlops.console.look';
const dark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

function kept(): Look {
	try {
		const value = localStorage.getItem(KEPT);
		return value === 'light' || value === 'dark' ? value : 'auto';
	} catch {
		return 'auto';
	}
}

let look = kept();

function apply(): void {
	const { dataset } = document.documentElement;
	dataset.theme = isDark() ? 'dark' : 'light';
	for (const listener of listeners) listener();
}

export const isDark = (): boolean => (look === 'auto' ? dark.matches : look === 'dark');

export const currentLook = (): Look => look;

export function setLook(next: Look): void {
	look = next;
	try {
		localStorage.setItem(KEPT, next);
	} catch {
		// A browser that keeps nothing: the choice holds until the page is loaded again.
	}
	apply();
}

/** Calls `changed` whenever colours change; gives what ends that. */
export function onLook(changed: () => void): () => void {
	listeners.add(changed);
	return () => void listeners.delete(changed);
}

dark.addEventListener('change', apply);
apply();

/** The value of a design token, such as `--accent`. */
export const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
