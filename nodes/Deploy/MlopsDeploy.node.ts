import type {
	IDataObject,
	IDisplayOptions,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { archiveVersion, deploy, deployParams, rollBack } from '../../lib/app/deploy.js';
import { handleOfVersion, modelLabel } from '../../lib/app/modelReference.js';
import { MlopsError } from '../../lib/domain/errors.js';
import type { ItemDeployment } from '../../lib/domain/item.js';
import type { ModelHandle } from '../../lib/domain/model.js';
import { attachFile } from '../shared/attachFile.js';
import { forEachItem, withReport } from '../shared/execute.js';
import { formFields } from '../shared/form.js';
import { modelIn } from '../shared/handles.js';
import { chosenHandle, modelSourceFields } from '../shared/modelSource.js';
import { nodeBase } from '../shared/nodeBase.js';
import { formValues } from '../shared/parameters.js';
import { methods } from '../shared/pickers.js';
import { runtimeOf, type Runtime } from '../shared/runtime.js';
import { FIRST, NEWER, twoVersions } from '../shared/versions.js';

/** Operations that change the registry. */
const CHANGES = ['archive', 'deploy', 'rollback'];
const changes = { show: { operation: CHANGES } };

/** Whether a test run counts: of a new node's operations the one that takes nothing away does. */
const alsoInTestRuns = (value: boolean, show: NonNullable<IDisplayOptions['show']>): INodeProperties => ({
	displayName: 'Also in Test Runs',
	name: 'alsoInTestRuns',
	type: 'boolean',
	default: value,
	displayOptions: { show },
	description:
		'Whether to change the registry also when the workflow is run by hand in the editor. When off, a test run only shows what would happen.',
});

export class MlopsDeploy implements INodeType {
	description: INodeTypeDescription = {
		...nodeBase('deploy'),
		...twoVersions,
		displayName: 'MLOps Deploy',
		name: 'mlopsDeploy',
		subtitle:
			'={{ { archive: "archive", exportOnnx: "export to ONNX" }[$parameter["operation"]] ?? $parameter["operation"] + ": " + $parameter["alias"] }}',
		description:
			'Register a model and put it in use, roll back to the version before, archive one, or write one as ONNX for other programs. Refuses what the gate or a missing approval forbids.',
		defaults: { name: 'MLOps Deploy' },
		// No tool for agents: a model goes live only along a workflow that a person drew.
		usableAsTool: undefined,
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				default: 'deploy',
				options: [
					// The editor offers the first one first: not the alphabet, but what is done day by day.
					{ name: 'Deploy', value: 'deploy', action: 'Deploy a model', description: 'Register the model and point an alias to it' },
					{
						name: 'Export to ONNX',
						value: 'exportOnnx',
						action: 'Export a model to ONNX',
						description: 'Write the model as a file that other programs can run, with a description of its inputs',
					},
					{ name: 'Roll Back', value: 'rollback', action: 'Roll back a model', description: 'Point an alias back to the version before' },
					{ name: 'Archive', value: 'archive', action: 'Archive a version', description: 'Mark a version as not to be used again' },
				],
				description: 'What to do with the model',
			},
			...modelSourceFields({ source: 'previous', version: 'modelVersion', show: { operation: ['deploy', 'exportOnnx'] } }),
			{
				displayName: 'Model Name',
				name: 'modelName',
				type: 'string',
				default: '',
				displayOptions: changes,
				placeholder: "The model's own name",
				description:
					'Name in the registry; a new name starts at version 1. Empty: the name that the model has, given in Train or in the registry.',
			},
			...formFields(deployParams, { operation: ['deploy'] }),
			{
				displayName: 'Alias',
				name: 'rollbackAlias',
				type: 'string',
				default: 'champion',
				displayOptions: { show: { operation: ['rollback'] } },
				description: 'Alias to point back to the version before',
			},
			{
				displayName: 'Version',
				name: 'version',
				type: 'string',
				default: '',
				required: true,
				displayOptions: { show: { operation: ['archive'] } },
				description: 'Number of the version, or an alias',
			},
			{
				displayName: 'Reason',
				name: 'reason',
				type: 'string',
				default: '',
				displayOptions: { show: { operation: ['rollback', 'archive'] } },
				description: 'Kept in the audit log',
			},
			alsoInTestRuns(false, { operation: CHANGES, ...FIRST }),
			alsoInTestRuns(true, { operation: ['deploy'], ...NEWER }),
			alsoInTestRuns(false, { operation: ['archive', 'rollback'], ...NEWER }),
			{
				displayName: 'Run by hand in the editor, this node only shows what it would do. Turn on "Also in Test Runs" to do it.',
				name: 'previewNotice',
				type: 'notice',
				default: '',
				displayOptions: { show: { operation: CHANGES, alsoInTestRuns: [false] } },
			},
		],
	};

	methods = methods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const runtime = await runtimeOf(this);
		return await forEachItem(this, 1, async (index, item) => {
			if (this.getNodeParameter('operation', index) === 'exportOnnx') return { item: await exported(this, runtime, index, item) };
			const { deployment, model, reason } = await act(this, runtime, index, item);
			if (deployment.preview)
				this.addExecutionHints({
					message: `${deployment.text} This was a test run: turn on "Also in Test Runs" to do it from the editor.`,
					location: 'outputPane',
				});
			const { deploymentReportJob } = await import('../../lib/app/jobs/deploymentReport.js');
			const report = await runtime.run(deploymentReportJob, {
				store: runtime.store.ref,
				deployment,
				digest: model?.digest,
				actor: runtime.actor,
				...(reason ? { reason } : {}),
				...(model?.name ? { ownName: model.name } : {}),
			});
			return { item: await withReport(this, runtime, withVersion(item.json, model, deployment), report) };
		});
	}
}

/** What was done, the model that is now in use (the item goes on with it), and why, where a person said so. */
interface Done {
	deployment: ItemDeployment;
	model?: ModelHandle;
	reason?: string;
}

async function act(functions: IExecuteFunctions, { store, actor }: Runtime, index: number, item: INodeExecutionData): Promise<Done> {
	const parameter = (name: string) => functions.getNodeParameter(name, index) as string;
	const operation = parameter('operation');
	const preview = functions.getMode() === 'manual' && !(functions.getNodeParameter('alsoInTestRuns', index) as boolean);
	const nameFor = (model: ModelHandle | undefined): string => {
		const name = parameter('modelName').trim() || model?.name;
		if (name) return name;
		throw new MlopsError('input.invalid', 'The model has no name yet.', {
			remedy: 'Enter a name under "Model Name" here or in MLOps Train.',
		});
	};
	if (operation === 'deploy') {
		const model = await chosenHandle(functions, store, index, item, 'modelVersion');
		const params = formValues(functions, index, deployParams, 'Deploy');
		const deployment = await deploy({
			store,
			actor,
			modelName: nameFor(model),
			digest: model.digest,
			runId: model.runId,
			ownName: model.name,
			params,
			preview,
			executionId: functions.getExecutionId(),
		});
		return { deployment, model, reason: deployment.overridden ? params.override_reason : params.reason };
	}
	const reason = parameter('reason');
	const modelName = nameFor(modelIn(item));
	if (operation === 'archive')
		return { deployment: await archiveVersion(store, { modelName, which: parameter('version'), actor, reason, preview }), reason };
	const deployment = await rollBack(store, { modelName, alias: parameter('rollbackAlias'), actor, reason, preview });
	const record = await store.find('modelVersion', deployment.model, deployment.version);
	return { deployment, reason, ...(record && !preview ? { model: await handleOfVersion(store, record) } : {}) };
}

/** The item with the model as the binary `onnx`, and the description of its inputs and outputs as `inputs`. */
async function exported(
	functions: IExecuteFunctions,
	{ store, actor, run }: Runtime,
	index: number,
	item: INodeExecutionData,
): Promise<INodeExecutionData> {
	const model = await chosenHandle(functions, store, index, item, 'modelVersion');
	const { exportOnnxJob } = await import('../../lib/app/jobs/exportOnnx.js');
	const onnx = await run(exportOnnxJob, { store: store.ref, digest: model.digest, model: modelLabel(model), actor });
	const fileName = onnx.model.replace(/[^\p{L}\p{N}._-]+/gu, '-');
	const { binary, path } = await attachFile(functions, store, {
		...onnx,
		key: 'onnx',
		fileName: `${fileName}.onnx`,
		type: 'application/octet-stream',
		what: 'The ONNX file',
	});
	const inputs = await functions.helpers.prepareBinaryData(
		Buffer.from(await store.artifacts.get(onnx.description)),
		`${fileName}-inputs.json`,
		'application/json',
	);
	return { json: { ...item.json, model, onnx: { ...onnx, ...(path ? { path } : {}) } }, binary: { ...binary, inputs } };
}

/** The model handle learns the name and version it now has in the registry. */
function withVersion(json: IDataObject, model: ModelHandle | undefined, deployment: ItemDeployment): IDataObject {
	const named = model && !deployment.preview ? { ...model, name: deployment.model, version: deployment.version } : model;
	return { ...json, ...(named ? { model: named } : {}), deployment: { ...deployment } };
}
