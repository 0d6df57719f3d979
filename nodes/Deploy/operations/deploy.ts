import { deploy as putInUse, deployParams } from '../../../lib/app/deploy.js';
import { formFields } from '../../shared/form.js';
import { chosenHandle } from '../../shared/modelSource.js';
import { formValues } from '../../shared/parameters.js';
import { changed, isPreview, nameFor } from './change.js';
import type { Operation } from './contract.js';

export const deploy: Operation = {
	option: { name: 'Deploy', value: 'deploy', action: 'Deploy a model', description: 'Register the model and point an alias to it' },
	takesModel: true,
	changes: true,
	fields: formFields(deployParams, { operation: ['deploy'] }),
	async run(functions, runtime, index, item) {
		const { store, actor } = runtime;
		const model = await chosenHandle(functions, store, index, item, 'modelVersion');
		const params = formValues(functions, index, deployParams, 'Deploy');
		const deployment = await putInUse({
			store,
			actor,
			modelName: nameFor(functions, index, model),
			digest: model.digest,
			runId: model.runId,
			ownName: model.name,
			params,
			preview: isPreview(functions, index),
			executionId: functions.getExecutionId(),
		});
		const reason = deployment.overridden ? params.override_reason : params.reason;
		return await changed(functions, runtime, item, { deployment, model, reason });
	},
};
