import type { FastifyInstance } from 'fastify';
import type { AppParts } from '../app.js';
import { isFollowed } from '../rollouts/followed.js';

/** The store counts as away after this long without a sight of it. */
const AWAY_MS = 5_000;

/** `/health/live` and `/health/ready`: open to everybody, since what watches a server has no key. */
export function registerHealth(app: FastifyInstance, { serving, storeId, seenAt, unloggedSince }: AppParts): void {
	const config = { always: true };
	app.get('/health/live', { config }, () => ({ live: true, store: storeId }));
	app.get('/health/ready', { config }, (_request, reply) => {
		const models = serving.models();
		const failed = models.flatMap(({ name, aliases, failed: reasons }) =>
			Object.entries(reasons).map(([version, why]) => ({
				model: name,
				version: Number(version),
				why,
				// The alias stayed with the version before: callers notice nothing.
				serving: Object.values(aliases).every((v) => v !== Number(version)),
			})),
		);
		const held = models.flatMap(({ name, divisions }) =>
			divisions.flatMap((division) =>
				isFollowed(division)
					? []
					: [
							{
								model: name,
								rollout: division.id,
								why:
									`The store was not seen for more than two seconds${division.guarded ? ', or nobody looked at the guards' : ''}: ` +
									`all callers get version ${division.stable} meanwhile.`,
							},
						],
			),
		);
		// A model that cannot answer at all is a reason to look, not one to take the others away from their callers.
		const ready = models.length === 0 || models.some(({ name }) => failed.every((f) => f.model !== name || f.serving));
		const away = Date.now() - seenAt() > AWAY_MS;
		const since = unloggedSince();
		return reply.code(ready ? 200 : 503).send({
			ready,
			models: models.length,
			...(failed.length ? { failed } : {}),
			...(held.length ? { held } : {}),
			...(away ? { store: `not seen since ${new Date(seenAt()).toISOString()}; serving what is in memory` } : {}),
			...(since > 0 ? { log: `not written since ${new Date(since).toISOString()}; answers go on and are missing in it` } : {}),
		});
	});
}
