import { predict } from '../../lib/cli/commands/predict.js';
import { readOptions } from '../../lib/cli/options.js';

it('a number in JSON keeps all of its digits, since it may be the name of somebody', () => {
	const { options } = readOptions(predict, ['churn', '--row', '{"customer":9007199254740993,"tenure":3}']);
	expect(options.row).toEqual({ customer: '9007199254740993', tenure: 3 });
});
