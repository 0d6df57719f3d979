import { z } from 'zod/v4';
import { modelKinds, metricChoices, stepChoices, taskChoices } from '../../../app/catalogue.js';
import { consoleRoute } from '../contract.js';

const word = z.object({ id: z.string(), label: z.string(), description: z.string() });

const shown = (choices: ReadonlyArray<z.infer<typeof word>>): Array<z.infer<typeof word>> =>
	choices.map(({ id, label, description }) => ({ id, label, description }));

export const words = consoleRoute({
	method: 'GET',
	path: '/words',
	role: 'viewer',
	summary: 'What the ids of metrics, learners, tasks and steps stand for: a label and a sentence for a newcomer.',
	answer: z.object({ metrics: z.array(word), learners: z.array(word), tasks: z.array(word), steps: z.array(word) }),
	does: async () => ({
		metrics: shown(metricChoices),
		learners: shown(modelKinds),
		tasks: shown(taskChoices),
		steps: shown([...stepChoices('clean'), ...stepChoices('feature')]),
	}),
});
