import type {
	IDisplayOptions,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { forEachItem } from '../shared/execute.js';
import { modelSourceFields } from '../shared/modelSource.js';
import { nodeBase } from '../shared/nodeBase.js';
import { methods } from '../shared/pickers.js';
import { runtimeOf } from '../shared/runtime.js';
import { FIRST, NEWER, twoVersions } from '../shared/versions.js';
import type { Operation } from './operations/contract.js';
import { OPERATIONS } from './operations/index.js';
import { storeField } from '../shared/storeCredential.js';

const those = (which: (operation: Operation) => boolean | undefined): string[] =>
	OPERATIONS.filter(which).map(({ option }) => option.value);

/** Operations that change the registry. */
const CHANGES = those((o) => o.changes).sort();

const SUBTITLES = OPERATIONS.flatMap(({ option, subtitle }) => (subtitle ? [`${option.value}: ${subtitle}`] : [])).join(', ');

/** Whether a test run counts: of a new node's operations the one that takes nothing away does. */
const alsoInTestRuns = (value: boolean, show: NonNullable<IDisplayOptions['show']>): INodeProperties => ({
	displayName: 'Also in Test Runs',
	name: 'alsoInTestRuns',
	type: 'boolean',
	default: value,
	displayOptions: { show },
	description:
		'Whether to change the registry also when the workflow is run by hand in the editor. ' +
		'When off, a test run only shows what would happen.',
});

export class MlopsDeploy implements INodeType {
	description: INodeTypeDescription = {
		...nodeBase('deploy'),
		...twoVersions,
		displayName: 'MLOps Deploy',
		name: 'mlopsDeploy',
		subtitle: `={{ { ${SUBTITLES} }[$parameter["operation"]] ?? $parameter["operation"] + ": " + $parameter["alias"] }}`,
		description:
			'Register a model and put it in use, at once or carefully (canary, shadow, A/B test), roll back to the version before, archive ' +
			'one, or write one for other programs; list and withdraw API keys of the model server. Refuses what the gate or a missing ' +
			'approval forbids.',
		defaults: { name: 'MLOps Deploy' },
		// No tool for agents: a model goes live only along a workflow that a person drew.
		usableAsTool: undefined,
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				default: OPERATIONS[0].option.value,
				options: OPERATIONS.map(({ option }) => option),
				description: 'What to do with the model',
			},
			...modelSourceFields({ source: 'previous', version: 'modelVersion', show: { operation: those((o) => o.takesModel) } }),
			{
				displayName: 'Model Name',
				name: 'modelName',
				type: 'string',
				default: '',
				displayOptions: { show: { operation: those((o) => o.namesModel ?? o.changes).sort() } },
				placeholder: "The model's own name",
				description:
					'Name in the registry; a new name starts at version 1. Empty: the name that the model has, given in Train or in the registry.',
			},
			...OPERATIONS.flatMap(({ fields }) => fields),
			{
				displayName: 'Reason',
				name: 'reason',
				type: 'string',
				default: '',
				displayOptions: { show: { operation: ['rollback', 'archive', 'withdrawKey'] } },
				description: 'Kept in the audit log',
			},
			alsoInTestRuns(false, { operation: CHANGES, ...FIRST }),
			alsoInTestRuns(true, { operation: ['deploy'], ...NEWER }),
			alsoInTestRuns(false, { operation: CHANGES.filter((name) => name !== 'deploy'), ...NEWER }),
			{
				displayName: 'Run by hand in the editor, this node only shows what it would do. Turn on "Also in Test Runs" to do it.',
				name: 'previewNotice',
				type: 'notice',
				default: '',
				displayOptions: { show: { operation: CHANGES, alsoInTestRuns: [false] } },
			},
			storeField,
		],
	};

	methods = methods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const runtime = await runtimeOf(this);
		return await forEachItem(this, 1, async (index, item) => {
			const chosen = this.getNodeParameter('operation', index);
			const operation = OPERATIONS.find(({ option }) => option.value === chosen)!;
			return { item: await operation.run(this, runtime, index, item) };
		});
	}
}
