import { parseReference } from '../app/modelReference.js';
import { nearNames, nearText } from '../data/nearNames.js';
import { own } from '../domain/dictionary.js';
import { MlopsError } from '../domain/errors.js';
import type { Target } from './contract.js';
import { isFollowed, type ServedDivision } from './rollouts/followed.js';
import type { ServedModel } from './serveTable.js';
import { cutText } from '../domain/text.js';

/**
 * Which model, version and rollout a question means, by the newest table.
 * @param main the model that addresses without a name mean
 */
export function createLookup(main: string | undefined) {
	let models: ReadonlyMap<string, ServedModel> = new Map();

	function model(name: string): ServedModel {
		const known = models.get(name);
		if (known) return known;
		const names = [...models.keys()];
		const near = nearText(nearNames([name], names));
		throw new MlopsError('serve.model_unknown', `No model called "${cutText(name, 100)}" is served here.`, {
			expected: names.length ? `one of: ${names.slice(0, 10).join(', ')}` : 'a model that MLOps Deploy registered',
			remedy: near || 'Look at GET /v1/models.',
		});
	}

	function versionOf({ model: name, version, alias = 'champion' }: Target): { of: ServedModel; version: number } {
		const of = model(name);
		if (version === undefined) {
			const to = own(of.aliases, alias);
			if (to !== undefined) return { of, version: to };
			const aliases = Object.keys(of.aliases);
			throw new MlopsError('serve.model_unknown', `The model "${name}" has no alias "${cutText(alias, 100)}".`, {
				expected: aliases.length ? `one of: ${aliases.join(', ')}` : 'a version by its number',
				remedy: 'Let MLOps Deploy move this alias to a version, or ask for a version by its number.',
			});
		}
		if (of.archived.includes(version))
			throw new MlopsError('serve.version_archived', `Version ${version} of the model "${name}" is archived.`, {
				remedy: 'Ask for another version, or for an alias.',
			});
		if (!Object.hasOwn(of.versions, version))
			throw new MlopsError('serve.model_unknown', `The model "${name}" has no version ${version}.`, {
				expected: `one of: ${Object.keys(of.versions).slice(-10).join(', ')}`,
				remedy: 'Look at GET /v1/models.',
			});
		return { of, version };
	}

	function runningOf({ version, alias = 'champion' }: Target, of: ServedModel): ServedDivision | undefined {
		return version === undefined && of.divisions.length ? of.divisions.find((d) => d.alias === alias) : undefined;
	}

	/** The rollout that divides who asks so, where it is known to go on. */
	function divisionOf(target: Target, of: ServedModel): ServedDivision | undefined {
		const running = runningOf(target, of);
		return running && isFollowed(running) ? running : undefined;
	}

	function only(): Target {
		if (main !== undefined) {
			const { name, version, alias } = parseReference(main);
			return { model: name, version, alias };
		}
		if (models.size === 1) return { model: [...models.keys()][0] };
		throw new MlopsError('serve.model_unknown', 'This address names no model, and the server serves several.', {
			expected: [...models.keys()].slice(0, 10).join(', '),
			remedy: 'Start the server with --model NAME.',
		});
	}

	return {
		/** From now on questions are answered by these. */
		use(next: readonly ServedModel[]): void {
			models = new Map(next.map((m) => [m.name, m]));
		},
		all: (): readonly ServedModel[] => [...models.values()],
		model,
		versionOf,
		divisionOf,
		/** Whether a rollout would divide who asks so, were it known to go on. */
		isHeld: (target: Target, of: ServedModel): boolean => runningOf(target, of) !== undefined,
		only,
	};
}
