import { cloudOf } from '../clouds.js';
import type { Door } from '../contract.js';
import { askAll, askParams, errorText, told } from './shared/ask.js';
import { withBytes } from './shared/bodies.js';
import { invalid, readJson, textOf } from './shared/jsonBody.js';
import { records } from './shared/recordBody.js';
import { readRows } from './shared/readRows.js';

/**
 * Vertex AI's contract for containers, at the paths that its variables name; absent elsewhere. Columns that the model does not have are
 * left out, and a header says so.
 */
export const vertex: Door = {
	id: 'vertex',
	label: 'Vertex AI container',
	register(app, serving) {
		const { healthPath, predictPath } = cloudOf(process.env) ?? {};
		if (healthPath === undefined || predictPath === undefined) return;
		const config = { door: 'vertex', failure: errorText };
		// It may name a path that another door has, which answers there as well.
		if (!app.hasRoute({ method: 'GET', url: healthPath }))
			app.get(healthPath, { config: { ...config, always: true } }, (_request, reply) => {
				const ready = serving.allReady();
				return reply.code(ready ? 200 : 503).send({ ready });
			});
		withBytes(app, (scope) => {
			// MLflow's /invocations takes instances, too, and is then asked for no key either.
			if (scope.hasRoute({ method: 'POST', url: predictPath })) return;
			scope.post(predictPath, { config }, async (request, reply) => {
				const question = readJson(textOf(request));
				const target = serving.only();
				const { manifest, key } = await serving.manifest(target);
				if (!Array.isArray(question.instances))
					throw invalid('The body should have a list "instances".', { expected: '{ "instances": [...] }' });
				const params = askParams(question.parameters, 'parameters', []);
				const expected = { signature: manifest.signature, mostRows: serving.maxRows, key };
				const { rows, unknown } = readRows(question.instances, 'instances', expected);
				const answered = await askAll(serving, request, { ...target, ...params, rows, door: 'vertex' });
				void told(reply, answered, unknown);
				return { predictions: records(answered) };
			});
		});
	},
};
