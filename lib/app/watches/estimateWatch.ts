import type { Context } from '../../domain/progress.js';
import { estimateParams, type EstimateParams } from '../../monitor/estimate/estimateParams.js';
import type { Store } from '../../store/contract.js';
import { estimateJob } from '../jobs/estimateJob.js';
import { sessionOn } from '../session.js';
import { defineWatch, type Looked, type Span, type Watched } from './contract.js';

/** How good the answers of a model probably are, before anybody knows what is true (lib/monitor/estimate/README.md). */
export const estimate = defineWatch({
	id: 'estimate',
	params: estimateParams,
	look: async (store, { from, until, ...watched }, params, context) => (await over(store, watched, [{ from, until }], params, context))[0],
	lookOver: over,
});

async function over(
	store: Store,
	{ model, alias, versions, segments }: Watched,
	windows: readonly Span[],
	params: EstimateParams,
	context: Context,
): Promise<Looked[]> {
	if (windows.length === 0) return [];
	return await sessionOn(store, { context, actor: 'monitor' }).run(estimateJob, {
		store: store.ref,
		model,
		...(alias === undefined ? {} : { alias }),
		...(versions === undefined ? {} : { versions: [...versions] }),
		segments: [...segments],
		windows: windows.map(({ from, until }) => ({ from, until })),
		params,
	});
}
