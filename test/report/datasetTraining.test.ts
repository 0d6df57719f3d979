import { datasetReport } from '../../lib/report/reports/dataset.js';
import { dataset, profile } from './fixtures';

test('the report of a large dataset says what a training would need, that of a small one does not', async () => {
	const large = await datasetReport({ ...dataset(), rows: 20_000_000 }, profile());
	expect(large.html).toMatch(/What a training would need/);
	expect(large.html).toMatch(/Gradient Boosting<\/td><td[^>]*>about \d+\.\d GB of memory/i);
	const small = await datasetReport({ ...dataset(), rows: 20_000 }, profile());
	expect(small.html).not.toMatch(/What a training would need/);
});
