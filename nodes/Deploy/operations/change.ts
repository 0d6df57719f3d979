import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { changesText } from '../../../lib/app/changesForCallers.js';
import { MlopsError } from '../../../lib/domain/errors.js';
import type { ItemDeployment } from '../../../lib/domain/item.js';
import type { ModelHandle } from '../../../lib/domain/model.js';
import { withReport } from '../../shared/execute.js';
import type { Runtime } from '../../shared/runtime.js';
import { textParameter } from '../../shared/parameters.js';

/** What was done, the model that is now in use (the item goes on with it), and why, where a person said so. */
export interface Done {
	deployment: ItemDeployment;
	model?: ModelHandle;
	reason?: string;
}

/** Whether this run only shows what it would do: by hand in the editor, unless a person said that test runs count. */
export const isPreview = (functions: IExecuteFunctions, index: number): boolean =>
	functions.getMode() === 'manual' && !(functions.getNodeParameter('alsoInTestRuns', index) as boolean);

/** The name in the registry: that of the form, else the model's own. @throws `input.invalid` where there is none */
export function nameFor(functions: IExecuteFunctions, index: number, model: ModelHandle | undefined): string {
	const name = textParameter(functions, 'modelName', index) || model?.name;
	if (name) return name;
	throw new MlopsError('input.invalid', 'The model has no name yet.', {
		remedy: 'Enter a name under "Model Name" here or in MLOps Train.',
	});
}

/** Says at the node that nothing was done, and how to do it. @param text what would be done */
export function hintPreview(functions: IExecuteFunctions, text: string): void {
	functions.addExecutionHints({
		message: `${text} This was a test run: turn on "Also in Test Runs" to do it from the editor.`,
		location: 'outputPane',
	});
}

/** Says at the node what changes for callers. */
export function hintChanges(functions: IExecuteFunctions, changes: readonly string[] | undefined): void {
	if (changes?.length) functions.addExecutionHints({ message: changesText(changes), type: 'warning', location: 'outputPane' });
}

/** The item after a change of the registry, with its report; a preview says that it is one. */
export async function changed(
	functions: IExecuteFunctions,
	runtime: Runtime,
	item: INodeExecutionData,
	{ deployment, model, reason }: Done,
): Promise<INodeExecutionData> {
	if (deployment.preview) hintPreview(functions, deployment.text);
	else hintChanges(functions, deployment.changes);
	const { reportChange } = await import('../../../lib/app/reportChange.js');
	const report = await reportChange(runtime, { deployment, model, reason });
	return await withReport(functions, runtime, withVersion(item.json, model, deployment), report);
}

/** The model handle learns the name and version it now has in the registry. */
function withVersion(json: IDataObject, model: ModelHandle | undefined, deployment: ItemDeployment): IDataObject {
	const named = model && !deployment.preview ? { ...model, name: deployment.model, version: deployment.version } : model;
	return { ...json, ...(named ? { model: named } : {}), deployment: { ...deployment } };
}
