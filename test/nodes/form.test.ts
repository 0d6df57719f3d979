import type { INodeProperties } from 'n8n-workflow';
import { splitParams } from '../../lib/domain/split.js';
import { driftParams } from '../../lib/monitor/driftParams.js';
import { LEARNERS } from '../../lib/learn/learners/index.js';
import { STEPS } from '../../lib/recipe/steps/index.js';
import { formFields, readForm } from '../../nodes/shared/form.js';

const flat = (fields: INodeProperties[]): INodeProperties[] => fields.flatMap((f) => (f.name === 'options' && f.type === 'collection' ? (f.options as INodeProperties[]) : [f]));

describe('forms made from schemas', () => {
	it('ask for a test and a limit of single columns as pairs, and read them back', () => {
		const fields = flat(formFields(driftParams));
		for (const name of ['tests', 'thresholds']) expect(fields.find((f) => f.name === name)).toMatchObject({ type: 'fixedCollection', typeOptions: { multipleValues: true } });
		const read = driftParams.parse(readForm(driftParams, {
			options: { tests: { pairs: [{ key: 'origin', value: 'psi' }] }, thresholds: { pairs: [{ key: 'origin', value: '0.2' }] } },
		}));
		expect(read).toMatchObject({ tests: { origin: 'psi' }, thresholds: { origin: 0.2 } });
	});

	it('show limits that mean something, and none of the machine', () => {
		const fields = formFields(splitParams);
		expect(fields.find((f) => f.name === 'testShare')!.typeOptions).toMatchObject({ minValue: 0, maxValue: 0.9 });
		expect(fields.find((f) => f.name === 'seed')!.typeOptions).not.toHaveProperty('minValue');
	});

	it('give back the defaults of every step and learner when a person changes nothing', () => {
		for (const { id, params } of [...STEPS, ...LEARNERS]) {
			const parsed = params.safeParse({});
			if (!parsed.success) continue; // it asks for something that only a person knows
			const untouched = Object.fromEntries(flat(formFields(params)).map((f) => [f.name, f.default]));
			expect({ id, ...(params.parse(readForm(params, untouched)) as object) }).toEqual({ id, ...(parsed.data as object) });
		}
	});
});
