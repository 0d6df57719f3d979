const at =
	(page: string) =>
	(...names: ReadonlyArray<string | number>): string =>
		`/console/${[page, ...names.map((name) => encodeURIComponent(name))].join('/')}`;

/** Addresses of the console's pages, which links from items, messages and reports lead to. */
export const CONSOLE_PATHS = {
	overview: '/console/',
	/** A model by its name; with a version, that one. */
	model: at('models'),
	/** A finished training by its id; without one, all, the running ones first. */
	training: at('trainings'),
	dataset: at('datasets'),
	/** A rollout by its id; without one, traffic and all rollouts. */
	serving: at('serving'),
	/** A monitor by its id; without one, all. */
	quality: at('quality'),
	incident: at('incidents'),
	approval: at('approvals'),
} as const;
