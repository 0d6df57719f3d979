import { useEffect } from 'preact/hooks';

export function setTitle(title: string): void {
	document.title = `${title} · MLOps`;
}

/** Says in the window's title what a page shows, such as a model's name. */
export const useTitle = (title: string): void =>
	useEffect(() => {
		setTitle(title);
	}, [title]);
