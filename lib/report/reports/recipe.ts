import { count } from '../formatting.js';
import { notesPanel } from '../panels/notes.js';
import type { Panel } from '../panels/panel.js';
import { previewPanel, type Preview } from '../panels/preview.js';
import { recipeSteps, type ReportStep } from '../panels/recipe/steps.js';
import { makeReport, type Report } from '../makeReport.js';

interface RecipeInput {
	steps: readonly ReportStep[];
	preview?: Preview;
	notes: readonly string[];
}

export const RECIPE_PANELS: ReadonlyArray<Panel<RecipeInput>> = [
	recipeSteps,
	notesPanel(({ notes }) => notes),
	previewPanel('Preview of the result'),
];

/** What Clean or Feature Engineer will do with the rows, step by step, and why. */
export function recipeReport(
	steps: readonly ReportStep[],
	options: { title?: string; before?: number; after?: number; preview?: Preview; notes?: string[] } = {},
): Promise<Report> {
	const { title = 'Recipe', preview, notes = [], before, after } = options;
	const automatic = steps.filter((s) => s.reason).length;
	return makeReport(
		{
			title,
			eyebrow: title,
			sentence:
				steps.length === 0
					? 'Nothing will be changed: the data go on as they are.'
					: `${count(steps.length, 'step')} will prepare the ` +
						`data${automatic ? `, ${automatic === steps.length ? 'all' : automatic} of them proposed automatically` : ''}.`,
			lead:
				(before !== undefined && after !== undefined && before !== after
					? `In the preview ${count(before, 'row')} became ${count(after, 'row')}. `
					: '') +
				'What a step has to learn, such as a mean, it learns from training rows only, and the same steps run again at every ' +
				'prediction.',
		},
		RECIPE_PANELS,
		{ steps, preview, notes },
	);
}
