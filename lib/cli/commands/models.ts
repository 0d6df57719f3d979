import { z } from 'zod/v4';
import { defineCommand } from '../contract.js';
import { moment, textTable } from '../textTable.js';

/** The registry. */
export const models = defineCommand({
	name: 'models',
	does: 'Lists the registered models: versions, aliases, what passed the gate, what is archived.',
	args: ['name'],
	options: z.object({ name: z.string().optional().meta({ description: 'Only versions of this model', placeholder: 'NAME' }) }),
	async run({ name }, desk) {
		const { store } = await desk.session();
		const listed = [];
		for (const model of name ? [name] : await store.names('modelVersion')) {
			const aliases = Object.entries(await store.aliases(model));
			const archived = await store.archived(model);
			for (const { version, createdAt, body } of await store.list('modelVersion', { name: model })) {
				const evaluation = await store.evaluationOf(body.digest);
				listed.push({
					name: model,
					version,
					at: createdAt,
					aliases: aliases.filter(([, to]) => to === version).map(([alias]) => alias),
					gate: evaluation ? (evaluation.body.gate.passed ? 'passed' : 'not passed') : 'not evaluated',
					archived: archived.includes(version),
					runId: body.runId,
					digest: body.digest,
					...(body.description ? { description: body.description } : {}),
				});
			}
		}
		return {
			json: listed,
			text: listed.length
				? textTable(
						['Model', 'When (UTC)', 'Aliases', 'Gate', 'Run'],
						listed.map((m) => [`${m.name}@${m.version}`, moment(m.at), m.archived ? 'archived' : m.aliases.join(', '), m.gate, m.runId]),
					)
				: 'No model is registered yet.',
		};
	},
});
