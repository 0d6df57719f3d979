import { z } from 'zod/v4';
import { MlopsError } from '../../../domain/errors.js';
import { addedUp, trafficBlocks, trafficIn, type TrafficBlock } from '../../../app/traffic.js';
import { consoleRoute } from '../contract.js';
import { heldOf } from '../held/held.js';
import { moment, name, refuseOthers } from './routeParts.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Steps that are chosen by themselves, in minutes: the first that gives at most so many points. */
const STEPS = [1, 5, 15, 60, 180, 720, 1_440, 10_080];
const POINTS = 300;
const MOST_POINTS = 2_000;
const LONGEST_DAYS = 3_660;

const latency = z.object({ mean: z.number(), p50: z.number(), p90: z.number(), p99: z.number() });
const figures = z.object({
	/** Rows that were asked about, those without an answer among them. */
	answers: z.number(),
	errors: z.number(),
	/** Answers with a warning about a value. */
	warnings: z.number(),
	/** Answers that are not in the log. */
	unlogged: z.number(),
	/** Milliseconds from a request to its answer; quantiles to within 9 %. */
	ms: latency.optional(),
	/** Of the first score. */
	score: z.object({ mean: z.number(), deviation: z.number() }).optional(),
	classes: z.array(z.object({ class: z.string(), count: z.number() })),
});

export const traffic = consoleRoute({
	method: 'GET',
	path: '/models/:model/traffic',
	role: 'viewer',
	summary: 'What a model answered over time: answers, errors, latency, by version, arm of a rollout, or door.',
	params: z.object({ model: name }),
	query: z.object({
		since: moment.optional().meta({ description: 'A day before `until`, unless it is given' }),
		until: moment.optional().meta({ description: 'Now, unless it is given' }),
		step: z.coerce.number().int().min(1).optional().meta({ description: 'Minutes that are put together; fitting, unless they are given' }),
		by: z.enum(['all', 'version', 'arm', 'door']).default('version'),
	}),
	answer: z.object({
		since: z.string(),
		until: z.string(),
		/** Minutes of a step. */
		step: z.number().int(),
		total: figures,
		/** One for each version, arm or door that answered, the busiest first; steps without an answer are left out. */
		groups: z.array(
			z.object({ name: z.string().nullable(), total: figures, steps: z.array(figures.omit({ classes: true }).extend({ at: z.string() })) }),
		),
	}),
	async does(state, { params, query, who }) {
		refuseOthers(who, params.model);
		const until = query.until === undefined ? Date.now() : Date.parse(query.until);
		const since = query.since === undefined ? until - DAY_MS : Date.parse(query.since);
		const step = query.step ?? STEPS.find((minutes) => (until - since) / MINUTE_MS / minutes <= POINTS) ?? STEPS.at(-1)!;
		if (since >= until || until - since > LONGEST_DAYS * DAY_MS || (until - since) / MINUTE_MS / step > MOST_POINTS)
			throw new MlopsError('input.invalid', `A step of ${step} minutes does not fit this time.`, {
				expected: `\`since\` before \`until\`, at most ${MOST_POINTS} steps`,
				remedy: 'Choose a longer step or a shorter time.',
			});
		const blocks = await blocksBetween(state, params.model, { since, until, step });
		const groups = groupsOf(blocks, query.by, step);
		return {
			since: new Date(since).toISOString(),
			until: new Date(until).toISOString(),
			step,
			total: totalOf(groups.map(({ all }) => all)),
			groups: groups.map(({ all, added, called }) => ({ name: called, total: trafficIn(all), steps: added.map(trafficIn) })),
		};
	},
});

/** Blocks of a model that are as fine as the step needs: hours and five minutes lie in memory. */
async function blocksBetween(
	state: Parameters<typeof heldOf>[0],
	model: string,
	{ since, until, step }: { since: number; until: number; step: number },
): Promise<TrafficBlock[]> {
	const { hours, fives, ones } = heldOf(state).traffic;
	// Far back in fine steps is asked for rarely, and takes its time.
	if (step % 60 === 0) return await hours.between(model, since, until);
	if (step % 5 === 0 && Date.now() - since < 2 * DAY_MS) return await fives.between(model, since, until);
	if (Date.now() - since < 2 * 60 * MINUTE_MS) return await ones.between(model, since, until);
	return await trafficBlocks(state.store, { model, since: new Date(since).toISOString(), until: new Date(until).toISOString(), step });
}

const NOTHING: TrafficBlock = {
	...{ t: 0, model: '', version: null, arm: null, door: null, times: new Map(), classes: new Map() },
	sums: { answers: 0, errors: 0, warnings: 0, unlogged: 0, timed: 0, ms_sum: 0, scored: 0, score_sum: 0, score_squares: 0 },
};
const totalOf = (blocks: readonly TrafficBlock[]): z.input<typeof figures> => trafficIn(blocks.length ? addedUp(blocks) : NOTHING);

/** Blocks put together by version, arm or door, in all and step by step; each block is added once, and sums after that. */
function groupsOf(blocks: readonly TrafficBlock[], by: 'all' | 'version' | 'arm' | 'door', step: number) {
	const size = step * MINUTE_MS;
	const groups = new Map<string | null, Map<number, TrafficBlock[]>>();
	for (const block of blocks) {
		const value = by === 'all' ? null : block[by];
		const called = value === null ? null : String(value);
		const steps = groups.get(called) ?? new Map<number, TrafficBlock[]>();
		groups.set(called, steps);
		const at = Math.floor(block.t / size) * size;
		const there = steps.get(at);
		if (there) there.push(block);
		else steps.set(at, [block]);
	}
	return [...groups]
		.map(([called, steps]) => {
			const added = [...steps].sort(([a], [b]) => a - b).map(([at, these]) => ({ ...addedUp(these), t: at }));
			return { called, added, all: addedUp(added) };
		})
		.sort((a, b) => b.all.sums.answers - a.all.sums.answers);
}
