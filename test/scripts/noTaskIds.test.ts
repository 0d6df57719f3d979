import { linesFound } from './lintRule.js';

it('finds what depends on the id of a task, and lets losses, kinds of output and lists of tasks pass', async () => {
	expect(
		await linesFound(
			'noTaskIds',
			`import { taskType, type TaskType } from './column.js';
export function f(task: TaskType, maybe: TaskType | undefined, loss: string, kind: 'binary' | 'unary') {
	const one = task === 'binary';
	const two = 'regression' !== maybe;
	const three = ['binary', 'multiclass'].includes(task);
	switch (task) {
		case 'multiclass':
			break;
	}
	const four = { binary: 1, multiclass: 2, regression: 3 }[task as 'binary'];
	const fine = [loss === 'binary', kind === 'binary', task === maybe, taskType.options.includes(task), new Map([['binary', 1]]).get(task)];
	return [one, two, three, four, fine];
}
`,
		),
	).toEqual([3, 4, 5, 7, 10]);
}, 60_000);
