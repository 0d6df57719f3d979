import { own } from '../domain/dictionary.js';
import { MlopsError } from '../domain/errors.js';
import type { Failed } from './listenerMessages.js';
import type { Packages } from './packages.js';
import type { ServedModel } from './serveTable.js';

/**
 * Makes models ready before anybody is answered by them: what an alias points to, or a rollout gives, is loaded first. An alias whose new
 * version cannot be loaded stays where it was; the version and the reason are told, and the other models are untouched.
 * @param before what is in use now
 */
export async function prepared(
	packages: Packages,
	next: readonly ServedModel[],
	before: readonly ServedModel[],
): Promise<{ models: ServedModel[]; failed: Failed[] }> {
	const earlier = new Map(before.map((m) => [m.name, m]));
	const failed: Failed[] = [];
	const models = await Promise.all(
		next.map(async (model): Promise<ServedModel> => {
			const wanted = new Set([
				...Object.values(model.aliases),
				...model.divisions.flatMap(({ candidates }) => candidates.map(({ version }) => version)),
			]);
			const reasons: Record<number, string> = {};
			await Promise.all(
				[...wanted].map(async (version) => {
					const digest = model.versions[version];
					try {
						if (digest === undefined) throw new MlopsError('serve.version_archived', 'It is archived.');
						await packages.load(digest);
					} catch (thrown) {
						reasons[version] = MlopsError.from(thrown).message;
						failed.push({ model: model.name, version, why: reasons[version] });
					}
				}),
			);
			const used = earlier.get(model.name)?.aliases ?? {};
			const aliases = Object.fromEntries(
				Object.entries(model.aliases).map(([alias, to]) => {
					const last = own(used, alias);
					const stays =
						Object.hasOwn(reasons, to) && last !== undefined && Object.hasOwn(model.versions, last) && !Object.hasOwn(reasons, last);
					return [alias, stays ? last : to];
				}),
			);
			return { ...model, aliases, failed: reasons };
		}),
	);
	return { models, failed };
}
