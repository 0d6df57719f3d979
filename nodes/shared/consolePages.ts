import type { IDataObject } from 'n8n-workflow';
import { consoleLink } from '../../lib/app/consoleLink.js';
import { CONSOLE_PATHS } from '../../lib/domain/consolePaths.js';
import type { ItemJson } from '../../lib/domain/item.js';
import type { Store } from './runtime.js';

/** Where the console shows what an item carries. */
const PATHS: { [K in keyof ItemJson]?: (carried: NonNullable<ItemJson[K]>, item: ItemJson) => string | undefined } = {
	run: ({ id }) => CONSOLE_PATHS.training(id),
	deployment: ({ model, version }) => CONSOLE_PATHS.model(model, version),
	rollout: ({ id }) => CONSOLE_PATHS.serving(id),
	drift: () => CONSOLE_PATHS.quality(),
	watched: ({ model }) => CONSOLE_PATHS.model(model),
	approval: ({ id }) => CONSOLE_PATHS.approval(id),
};

/** The item, with the address of its page in the console (`page`) in each part that has one, where a model server of this store runs. */
export async function withPages(store: Store, json: IDataObject): Promise<IDataObject> {
	const item = json as ItemJson;
	const pages: Array<[string, IDataObject]> = [];
	for (const [key, path] of Object.entries(PATHS) as Array<[keyof ItemJson, (carried: unknown, item: ItemJson) => string | undefined]>) {
		const carried = json[key] as IDataObject | undefined;
		if (typeof carried !== 'object' || carried === null) continue;
		const at = path(carried, item);
		const page = at === undefined ? undefined : await consoleLink(store, at);
		if (page !== undefined) pages.push([key, { ...carried, page }]);
	}
	return { ...json, ...Object.fromEntries(pages) };
}
