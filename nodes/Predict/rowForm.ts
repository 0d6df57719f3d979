import type {
	IDataObject,
	ILoadOptionsFunctions,
	INodeExecutionData,
	ResourceMapperField,
	ResourceMapperFields,
	ResourceMapperValue,
} from 'n8n-workflow';
import { own } from '../../lib/domain/dictionary.js';
import { manifestOf } from '../../lib/app/predictRows.js';
import { parseReference, resolveVersion } from '../../lib/app/modelReference.js';
import type { ModelManifest } from '../../lib/domain/model.js';
import { modelHandle } from '../../lib/domain/model.js';
import { parameterNow } from '../shared/pickers.js';
import { openRuntimeStore, type Store } from '../shared/runtime.js';

const NOT_KNOWN =
	'The model is not known yet: run the nodes before this one once (or choose a deployed model above), then open this node ' +
	'again. Until then an example row is asked.';

/** One field for each column that the model needs, filled with an example row of its training. */
export async function getRowFields(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
	const store = await openRuntimeStore(this);
	const digest = await digestNow(this, store);
	if (!digest) return { fields: [], emptyFieldsNotice: NOT_KNOWN };
	return { fields: rowFields(await manifestOf(store, digest)) };
}

/** The package of the model that the form chooses at the moment, if it can be told. */
async function digestNow(functions: ILoadOptionsFunctions, store: Store): Promise<string | undefined> {
	const text = (name: string): string => String(parameterNow(functions, name) ?? '').trim();
	if (text('modelSource') === 'registry' && text('model')) {
		const record = await resolveVersion(store, parseReference(`${text('model')}@${text('alias') || 'champion'}`)).catch(() => undefined);
		return record?.body.digest;
	}
	const handle = modelHandle.safeParse(parameterNow(functions, 'modelRef'));
	return handle.success && handle.data.storeId === store.id ? handle.data.digest : undefined;
}

type Field = ResourceMapperField;
const WIDGETS: Partial<Record<ModelManifest['signature'][number]['type'], Field['type']>> = {
	number: 'number',
	integer: 'number',
	boolean: 'boolean',
};

/** Words that the model learned, of a column with few: then they are a list to choose from. */
const MOST_WORDS = 50;

/** What of a manifest the form is made of. */
interface FormSource extends Pick<ModelManifest, 'example' | 'seen'> {
	signature: ReadonlyArray<Pick<ModelManifest['signature'][number], 'name' | 'type'>>;
}

export function rowFields({ signature, example = {}, seen = [] }: FormSource): Field[] {
	return signature.map(({ name, type }) => {
		const value = own(example, name) as Field['defaultValue'] | undefined;
		const levels = seen.find((s) => s.name === name)?.levels;
		const words = levels && levels.more === 0 && levels.values.length <= MOST_WORDS ? levels.values : undefined;
		return {
			id: name,
			displayName: name,
			display: true,
			defaultMatch: false,
			canBeUsedToMatch: false,
			...(words ? { type: 'options', options: words.map((word) => ({ name: word, value: word })) } : { type: WIDGETS[type] ?? 'string' }),
			// A value that is not known may be left empty: the model treats it as missing.
			required: false,
			...(value === undefined || value === null ? {} : { defaultValue: value }),
		};
	});
}

/** What an item is asked with, and what a person should know about that. */
export interface AskedRow {
	row: IDataObject;
	said?: string /** Whether nobody chose these values. */;
	example?: boolean;
}

const blank = (value: unknown): boolean => value === null || value === undefined || value === '';

/**
 * The row of one item by the form. What a person entered counts. A form that nobody filled in or changed only shows an example: an item
 * that has the model's columns itself is then asked with its own values, and any other with the example, where that may be shown.
 */
export function rowOfForm(
	form: Partial<ResourceMapperValue> | null | undefined,
	item: INodeExecutionData,
	{ signature, example = {} }: { signature: ReadonlyArray<{ name: string }>; example?: ModelManifest['example'] },
	mayShow: boolean,
): AskedRow {
	const names = signature.map((c) => c.name);
	// What our nodes put into an item are objects; a column of the same name ("model" of a car) is none.
	const has = (name: string): boolean =>
		Object.hasOwn(item.json, name) && (own(item.json, name) === null || typeof own(item.json, name) !== 'object');
	if (form?.mappingMode === 'autoMapInputData') return { row: item.json };
	const given = Object.fromEntries(Object.entries(form?.value ?? {}).filter(([, value]) => !blank(value)));
	const shown = Object.fromEntries((form?.schema ?? []).filter((f) => !blank(f.defaultValue)).map((f) => [f.id, f.defaultValue]));
	const filled = (values: IDataObject): IDataObject => Object.fromEntries(names.map((name) => [name, own(values, name) ?? null]));
	const changed = Object.keys({ ...given, ...shown }).some(
		(name) => own(given, name) !== own(shown, name) && !(blank(own(given, name)) && blank(own(shown, name))),
	);
	if (Object.keys(given).length && changed) {
		const also = names.every(has)
			? "Each item has the model's columns itself, but the row of the form was asked. For the items' own values choose \"Map " +
				'Automatically" under "Row".'
			: undefined;
		return { row: filled(given as IDataObject), ...(also ? { said: also } : {}) };
	}
	if (names.some(has) || !mayShow) {
		return {
			row: item.json,
			...(Object.keys(given).length ? { said: "The items' own values were asked, since the example in the form was not changed." } : {}),
		};
	}
	return {
		example: true,
		row: filled((Object.keys(given).length ? given : example) as IDataObject),
		said: 'This is the answer for an example row of the training data. Enter other values under "Row" to try them.',
	};
}
