/** Drawn on a grid of 16, in the colour of the words beside them; screen readers pass them over. */
const PATHS = {
	overview: 'M2.5 2.5h4.5v5h-4.5zM9 2.5h4.5v3H9zM9 7.5h4.5v6H9zM2.5 9.5h4.5v4h-4.5z',
	model: 'M8 1.8 13.5 5v6L8 14.2 2.5 11V5zM2.5 5 8 8.1 13.5 5M8 8.1v6.1',
	training: 'M2 13.5h12M3 10.5c2-.5 2.5-6 5-6.5s3.5 1 5-1',
	dataset:
		'M2.5 4c0-1.2 2.5-2 5.5-2s5.5.8 5.5 2-2.5 2-5.5 2-5.5-.8-5.5-2z' +
		'M2.5 4v8c0 1.2 2.5 2 5.5 2s5.5-.8 5.5-2V4M2.5 8c0 1.2 2.5 2 5.5 2s5.5-.8 5.5-2',
	serving: 'M2.5 2.5h11v4.5h-11zM2.5 9h11v4.5h-11zM5 4.75h.01M5 11.25h.01M8 4.75h3M8 11.25h3',
	quality: 'M1.5 8.5H4l2-5 3.5 9.5 2-4.5h3',
	incident: 'M8 2 14.5 13.5h-13zM8 6.5v3.2M8 11.5v.01',
	approval: 'M8 1.8 13 3.5v4c0 3.2-2.1 5.5-5 6.7-2.9-1.2-5-3.5-5-6.7v-4zM5.7 7.8 7.4 9.5l3-3.3',
	audit: 'M3.5 1.8h6l3 3v9.4h-9zM9.5 1.8v3h3M5.5 8h5M5.5 10.8h5',
	people:
		'M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M10.5 7.5a2.5 2.5 0 0 0 0-5' +
		'M12 9.8c1.5.5 2.5 1.8 2.5 3.7',
	menu: 'M2 4h12M2 8h12M2 12h12',
	close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
	sun:
		'M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5' +
		'M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M3.4 12.6l1.1-1.1M11.5 4.5l1.1-1.1',
	moon: 'M13.5 9.5A5.8 5.8 0 0 1 6.5 2.5a5.8 5.8 0 1 0 7 7z',
	auto: 'M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12',
	help: 'M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM6.3 6.5C6.3 5.4 7 4.8 8 4.8s1.7.6 1.7 1.5c0 1.2-1.7 1.3-1.7 2.5M8 11v.01',
	up: 'M8 13V3.5M4 7.2l4-4 4 4',
	down: 'M8 3v9.5M4 8.8l4 4 4-4',
	external: 'M6.5 3.5h-3v9h9v-3M9 2.5h4.5V7M13.5 2.5 7.5 8.5',
	check: 'M3 8.5l3.5 3.5L13 4.5',
	search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3 14 14',
} as const;
export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }) => (
	<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
		<path d={PATHS[name]} fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" />
	</svg>
);
