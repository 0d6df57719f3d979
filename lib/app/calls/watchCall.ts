import { z } from 'zod/v4';
import { watchId } from '../../domain/monitor.js';
import type { WatchId } from '../../domain/watches.js';
import { parseParams } from '../../domain/params.js';
import { fieldMeta, unwrap } from '../../domain/ui.js';
import type { ItemWatched } from '../../domain/watched.js';
import { watchChoices } from '../catalogue.js';
import type { Session } from '../session.js';
import { watchOver } from '../watchOver.js';
import { watchSpan } from '../watches/span.js';
import { nothingGiven, monitorRequest } from './monitorCall.js';
import type { Outcome } from './outcome.js';
import { modelFor, type modelReference } from './references.js';
import { dictionary, type Dictionary } from '../../domain/dictionary.js';

/** What all watches ask, each once and none with a default: what counts where nobody says, each watch says itself. */
function watchOptions(): Dictionary<z.ZodType> {
	const taken = new Set(Object.keys(monitorRequest.shape));
	const options = dictionary<z.ZodType>();
	for (const { id, params } of watchChoices.filter((choice) => choice.id !== 'data'))
		for (const [name, schema] of Object.entries(params.shape as Record<string, z.ZodType>)) {
			if (taken.has(name) || options[name] !== undefined) continue;
			const { title, description } = fieldMeta(schema);
			const shared = Object.hasOwn(watchSpan.shape, name) ? '' : ` (--watch ${id})`;
			options[name] = unwrap(schema)
				.inner.optional()
				.meta({ ...fieldMeta(schema), description: `${description ?? title ?? ''}${shared}` });
		}
	return options;
}

/** What MLOps Monitor Drift asks where it watches answers; `from`, `until` and `model` are those of a look at data. */
export const watchRequest = z.object({
	watch: watchId.default('data').meta({
		description: 'What is looked at: the data as ever, or window by window the answers, how good they were or probably are, or the service',
	}),
	...watchOptions(),
});

type Asked = z.output<typeof watchRequest> & { model?: z.output<typeof modelReference>; from?: string; until?: string };

/** Looks over a model's answers, window by window. @throws `monitor.*`, `store.not_found`, `input.invalid`, `compute.*` */
export async function watchAnswers(session: Session, watch: WatchId, asked: Asked): Promise<Outcome<{ watched: ItemWatched }>> {
	if (asked.model === undefined) throw nothingGiven('whose answers are looked at', 'a model');
	const { model, alias } = await modelFor(session.store, asked.model);
	if (model.name === undefined) throw nothingGiven('whose answers are looked at', 'a registered model');
	const { params, label } = watchChoices.find(({ id }) => id === watch)!;
	const own = Object.fromEntries(Object.entries(asked).filter(([name, value]) => Object.hasOwn(params.shape, name) && value !== undefined));
	const values = parseParams(params, own, label) as Record<string, unknown>;
	const { watched, report } = await watchOver(session, {
		watch,
		model: model.name,
		...(alias === undefined ? { version: model.version } : { alias }),
		span: watchSpan.parse(values),
		params: Object.fromEntries(Object.entries(values).filter(([name]) => !Object.hasOwn(watchSpan.shape, name))),
	});
	return { fields: { watched }, notes: watched.notes, report };
}
