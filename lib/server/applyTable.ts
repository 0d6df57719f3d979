import { own } from '../domain/dictionary.js';
import { MlopsError } from '../domain/errors.js';
import type { Failed } from './listenerMessages.js';
import type { Packages } from './packages.js';
import type { ServedModel } from './serveTable.js';

/**
 * What of a newer table can be followed before anything is loaded: rollouts that ended are left, aliases go where a version is in memory.
 * So nobody who follows a rollout or an alias waits for the package of something else.
 * @param inUse what is in use now
 * @param inMemory whether a package is in memory
 */
export function atOnce(
	next: readonly ServedModel[],
	inUse: readonly ServedModel[],
	inMemory: (digest: string | undefined) => boolean,
): ServedModel[] {
	const newer = new Map(next.map((m) => [m.name, m]));
	return inUse.flatMap((before) => {
		const model = newer.get(before.name);
		if (!model) return [];
		const has = (version: number): boolean => inMemory(model.versions[version]);
		const aliases = Object.entries(model.aliases).flatMap(([alias, to]) => {
			const last = own(before.aliases, alias);
			const kept = last !== undefined && Object.hasOwn(model.versions, last) ? [[alias, last] as const] : [];
			return has(to) ? [[alias, to] as const] : kept;
		});
		const divisions = model.divisions.filter(
			({ id, candidates }) => before.divisions.some((d) => d.id === id) || candidates.every(({ version }) => has(version)),
		);
		return [{ ...model, aliases: Object.fromEntries(aliases), divisions, failed: before.failed }];
	});
}

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
