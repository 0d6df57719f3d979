import { z } from 'zod/v4';
import { watchId } from '../domain/monitor.js';
import { WATCHES } from '../domain/watches.js';
import { columnsParam } from '../domain/ui.js';

const labels = Object.fromEntries(Object.entries(WATCHES).map(([id, [label]]) => [id, label]));

/** What Watch Model asks: nothing has to be said but the model. */
export const watchModelParams = z.object({
	alias: z.string().min(1).default('champion').meta({ title: 'Alias', description: 'Alias whose answers are watched' }),
	watch: z
		.array(watchId)
		.default([])
		.meta({ title: 'Watch', description: 'What is watched; none chosen: all that can be of this model', labels }),
	segments: columnsParam({
		title: 'Segments',
		description: 'Columns by whose values the answers are looked at separately as well',
		advanced: true,
	}),
});
export type WatchModelParams = z.output<typeof watchModelParams>;
