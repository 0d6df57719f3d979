import { datasetNameOf } from '../../lib/app/datasetNameOf.js';

it.each([
	['file', { path: '/data/Sales 2024.csv.gz' }, 'Sales 2024'],
	['file', { path: 'C:\\data\\churn.xlsx' }, 'churn'],
	['file', { path: '/tmp/x', fileName: '100% of it.csv' }, '100 of it'],
	['url', { url: 'https://example.com/a/caf%C3%A9%20visits.parquet?key=1' }, 'café visits'],
	['url', { url: 'https://example.com/50%.csv' }, '50'],
	['url', { url: 'no address' }, 'url'],
	['items', {}, 'items'],
])('a dataset from %s %j is named "%s"', (source, params, name) => {
	expect(datasetNameOf({ source, params })).toBe(name);
});
