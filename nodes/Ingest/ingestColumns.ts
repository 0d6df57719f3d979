import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import { currentDataset } from '../../lib/app/currentDataset.js';
import { datasetNameOf } from '../../lib/app/datasetNameOf.js';
import { notYet, optionsOf, parameterNow } from '../shared/pickers.js';
import { openRuntimeStore } from '../shared/runtime.js';
import { chosenSource } from './sources.js';

/** Columns that Ingest found when it last read what its fields say; before, a line that says what to do. */
export async function getIngestColumns(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const store = await openRuntimeStore(this);
	const text = (name: string): string => String(parameterNow(this, name) ?? '').trim();
	const params = { path: text('path'), url: text('url'), fileName: text('fileName'), example: text('example'), model: text('model') };
	const name = text('name') || datasetNameOf({ source: chosenSource(text('source')).source, params });
	const dataset = await currentDataset(store, name);
	return dataset ? [{ name: 'Not Chosen', value: '' }, ...optionsOf(dataset.body.columns)] : notYet('This Node');
}
