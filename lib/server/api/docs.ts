import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { packageVersion } from '../../app/codeVersion.js';
import { MlopsError } from '../../domain/errors.js';
import type { Guard, Serving } from '../contract.js';
import type { ServedModel } from '../serveTable.js';
import { versionIn } from '../doors/own.js';
import { modelsFor } from './registerModels.js';
import { aboutAnswers } from './openapi/answer.js';
import { openApiDocument, type DocumentOptions } from './openapi/document.js';
import { labelOf, type Described } from './openapi/modelPaths.js';

/** What the page may do: run its own script, look as its own style sheet says, and ask this server. Nothing of others, and in no frame. */
const PAGE_HEADERS = {
	'content-security-policy':
		"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'none'; base-uri 'none'; " +
		"frame-ancestors 'none'",
	'cache-control': 'no-cache',
	'referrer-policy': 'no-referrer',
	'x-content-type-options': 'nosniff',
};

const FILES = {
	'page.html': 'text/html; charset=utf-8',
	'page.css': 'text/css; charset=utf-8',
	'page.js': 'text/javascript; charset=utf-8',
	'fields.js': 'text/javascript; charset=utf-8',
	'show.js': 'text/javascript; charset=utf-8',
};

/**
 * `/openapi.json` of all models, `/v1/models/{model}/openapi.json` of one, `/v1/models/{model}/versions/{version}/openapi.json` of one
 * version; and `/` (also `/docs`), a page to try them.
 */
export function registerDocs(app: FastifyInstance, serving: Serving, guard: Guard): void {
	for (const [file, type] of Object.entries(FILES)) {
		const bytes = readFileSync(join(__dirname, 'page', file));
		for (const url of file === 'page.html' ? ['/', '/docs'] : [`/docs/${file}`])
			app.get(url, (_request, reply) => reply.headers(PAGE_HEADERS).type(type).send(bytes));
	}
	// Models as the listeners know them are made anew whenever something of them changes: what was described of one stays true.
	const known = new WeakMap<ServedModel, Promise<Parts>>();
	const described = async (model: ServedModel): Promise<Parts> => {
		const parts = known.get(model) ?? describe(serving, model);
		known.set(model, parts);
		const { left } = await parts;
		if (left.length) known.delete(model);
		return await parts;
	};
	const options = (parts: readonly Parts[], more: Partial<DocumentOptions>): DocumentOptions => ({
		version: packageVersion(),
		left: parts.flatMap(({ left }) => left),
		...more,
	});
	app.get('/openapi.json', guard(), async ({ apiKey }) => {
		const parts = await Promise.all(modelsFor(serving, apiKey).map(described));
		return openApiDocument(
			parts.flatMap((p) => p.described),
			options(parts, { whole: true }),
		);
	});
	app.get<{ Params: { model: string } }>('/v1/models/:model/openapi.json', guard(), async ({ params }) => {
		const model = serving.model(params.model);
		const parts = await described(model);
		return openApiDocument(parts.described, options([parts], { title: model.name }));
	});
	app.get<{ Params: { model: string; version: string } }>(
		'/v1/models/:model/versions/:version/openapi.json',
		guard(),
		async ({ params }) => {
			const { name, aliases } = serving.model(params.model);
			const { manifest, version } = await serving.manifest({ model: name, version: versionIn(params.version) });
			const one: Described = { name, version, manifest, aliases: aliasesOf(aliases, version), byNumber: true };
			return {
				...openApiDocument([one], options([], { title: `${name}, version ${version}` })),
				'x-model': { row: `${labelOf(one)}_Row`, ...aboutAnswers(manifest) },
			};
		},
	);
}

interface Parts {
	described: Described[];
	left: DocumentOptions['left'];
}

const aliasesOf = (aliases: ServedModel['aliases'], version: number): string[] =>
	Object.entries(aliases).flatMap(([alias, to]) => (to === version ? [alias] : []));

/** The versions of a model that people ask: those that aliases point to. A model without aliases is described by its newest version. */
async function describe(serving: Serving, { name, aliases, versions }: ServedModel): Promise<Parts> {
	const aliased = [...new Set(Object.values(aliases))];
	const newest = Math.max(0, ...Object.keys(versions).map(Number));
	const parts: { described: Described[]; left: Array<{ name: string; reason: string }> } = { described: [], left: [] };
	for (const version of aliased.length || newest === 0 ? aliased : [newest]) {
		try {
			const { manifest } = await serving.manifest({ model: name, version });
			parts.described.push({ name, version, manifest, aliases: aliasesOf(aliases, version), byNumber: true });
		} catch (thrown) {
			parts.left.push({ name: `${name}, version ${version}`, reason: MlopsError.from(thrown).message });
		}
	}
	return parts;
}
