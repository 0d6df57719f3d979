import type { z } from 'zod/v4';
import { SOURCES, sourceById } from '../data/sources/index.js';
import type { Source } from '../data/sources/contract.js';
import { EXPORTS } from '../export/index.js';
import { learnerById, LEARNERS, MODEL_KINDS } from '../learn/learners/index.js';
import { channelById, channels } from '../notify/channels/index.js';
import type { Channel } from '../notify/contract.js';
import type { Step } from '../recipe/contract.js';
import { stepById, STEPS } from '../recipe/steps/index.js';
import { TASKS } from '../task/index.js';
import { METRICS } from '../task/metrics/index.js';
import { WATCHES, type WatchId } from '../domain/watches.js';
import { ALL_WATCHES } from './watches/index.js';
import { watchSpan } from './watches/span.js';

/** An extension as a form, a command or a page offers it: what people choose and enter. What it does then is for use cases to know. */
export interface Choice {
	readonly id: string;
	readonly label: string;
	/** One sentence for a newcomer. */
	readonly description: string;
	/** The only description of its parameters. */
	readonly params: z.ZodType;
}

/** What else is asked for, or handed over, where a source is read. */
export type SourceChoice = Choice & Pick<Source, 'filled' | 'takesRows' | 'file' | 'credentials' | 'connect'>;
export const sourceChoices: readonly SourceChoice[] = SOURCES;
/** @throws `input.invalid` naming the sources there are */
export const sourceChoice: (id: string) => SourceChoice = sourceById;

/** The steps that Clean or Feature Engineer offers. */
export const stepChoices = (group: Step['group']): readonly Choice[] => STEPS.filter((s) => s.group === group);
/** @throws `recipe.step_unknown` */
export const stepChoice: (id: string) => Choice = stepById;

export const learnerChoices: readonly Choice[] = LEARNERS;
/** All that a model may be: the learners, and what Automatic makes of several. */
export const modelKinds: readonly Choice[] = MODEL_KINDS;
/** @throws `learn.parameter_invalid` naming what there is */
export const learnerChoice: (id: string) => Choice = learnerById;

export const taskChoices: ReadonlyArray<Omit<Choice, 'params'>> = TASKS;

export const metricChoices: ReadonlyArray<Omit<Choice, 'params'>> = METRICS;

/** The forms for other programs in which a model can be written, the usual one first. */
export const exportChoices: ReadonlyArray<Omit<Choice, 'params'>> = EXPORTS;

export type ChannelChoice = Choice & Pick<Channel, 'credential' | 'toLog'>;
export const channelChoices: readonly ChannelChoice[] = channels;
/** @throws `input.invalid` naming the channels there are */
export const channelChoice: (id: string) => ChannelChoice = channelById;

/** What can be watched window by window, with all that it asks: the answers to look at, and its own parameters. */
export const watchChoices: ReadonlyArray<Choice & { id: WatchId; params: z.ZodObject }> = ALL_WATCHES.map(({ id, params }) => ({
	id,
	label: WATCHES[id][0],
	description: WATCHES[id][1],
	params: watchSpan.extend(params.shape),
}));

export { driftParams } from '../monitor/driftParams.js';
