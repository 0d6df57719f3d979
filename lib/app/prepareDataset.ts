import type { DatasetHandle } from '../domain/dataset.js';
import type { ItemRecipe } from '../domain/item.js';
import { withinBytes } from '../domain/json.js';
import type { RecipeStep } from '../domain/recipe.js';
import type { ReportRecord } from '../domain/report.js';
import { cutText } from '../domain/text.js';
import { carriedRecipe } from './carriedRecipe.js';
import { prepareJob } from './jobs/prepareJob.js';
import type { Session } from './session.js';

export interface PrepareRequest {
	dataset: DatasetHandle;
	/** The steps so far. */
	recipe: ItemRecipe;
	/** Steps to append; `automatic` asks the profile what is needed. */
	steps: RecipeStep[] | 'automatic';
}

export interface Prepared {
	/** What an item carries of it. */
	fields: { dataset: DatasetHandle; recipe: ItemRecipe };
	/** What the new steps do, as far as an item has room for it; the report says all. */
	added: { steps: AddedStep[]; sampleRows: number };
	report: ReportRecord;
}

export interface AddedStep {
	step: string;
	text: string;
	reason?: string;
	dropped?: number;
}

/** Appends steps to a recipe and tries them on a sample; nothing of the dataset is changed. @throws `recipe.*`, `compute.*` */
export async function prepareDataset({ store, run }: Session, { dataset, recipe, steps }: PrepareRequest): Promise<Prepared> {
	const automatic = steps === 'automatic';
	const result = await run(prepareJob, { store: store.ref, dataset, recipe, steps: automatic ? [] : steps, automatic });
	return {
		fields: { dataset: result.dataset, recipe: await carriedRecipe(store, result.recipe) },
		added: { steps: shown(result.added), sampleRows: result.sampleRows },
		report: result.report,
	};
}

const MAX_TEXT = 300;
const MAX_SHOWN_BYTES = 2_000;

function shown(added: readonly AddedStep[]): AddedStep[] {
	const cut = (text: string): string => (text.length > MAX_TEXT ? `${cutText(text, MAX_TEXT - 3)}...` : text);
	return withinBytes(
		added.map((a) => ({ ...a, text: cut(a.text), ...(a.reason === undefined ? {} : { reason: cut(a.reason) }) })),
		MAX_SHOWN_BYTES,
	);
}
