import { MlopsError } from '../../../domain/errors.js';
import type { Foreign } from './foreign.js';
import { fromLightgbm } from './lightgbm.js';
import { fromXgboost } from './xgboost.js';
import { cutText } from '../../../domain/text.js';

/** How files of some other programs begin, for people who took the wrong one. */
const OTHERS: ReadonlyArray<{ what: string; begins: (bytes: Uint8Array) => boolean; remedy: string }> = [
	{
		what: 'a Python pickle',
		begins: (b) => b[0] === 0x80 && b[1] <= 5,
		remedy:
			'A pickle is code of its program. Save the model itself: booster_.save_model("model.txt") in LightGBM, ' +
			'save_model("model.json") in XGBoost.',
	},
	{
		what: 'a compressed file',
		begins: (b) => (b[0] === 0x50 && b[1] === 0x4b) || (b[0] === 0x1f && b[1] === 0x8b),
		remedy: 'Unpack it, and import the model file that is in it.',
	},
	{
		what: 'a CatBoost model',
		begins: (b) => Buffer.from(b.subarray(0, 4)).toString('latin1') === 'CBM1',
		remedy: 'Models of CatBoost cannot be imported.',
	},
	{
		what: 'an XGBoost model in the old binary format',
		begins: (b) => Buffer.from(b.subarray(0, 4)).toString('latin1') === 'binf',
		remedy: 'Load it in XGBoost before version 3 and save it again with save_model("model.json").',
	},
];

/** Reads the file of a model that another program saved, whichever it is. @throws `learn.model_invalid` saying which files can be read */
export function readForeign(bytes: Uint8Array): Foreign {
	if (bytes[0] === 0x7b) return fromXgboost(bytes);
	const begin = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
	if (/^\s*tree\s*$/m.test(begin)) return fromLightgbm(new TextDecoder().decode(bytes));
	const other = OTHERS.find(({ begins }) => begins(bytes));
	throw new MlopsError(
		'learn.model_invalid',
		`This file is no model that can be imported${other ? `: it looks like ${other.what}` : ''}.`,
		{
			expected: 'a text model of LightGBM (save_model("model.txt")), or a JSON or UBJSON model of XGBoost (save_model("model.json"))',
			found: bytes.length ? cutText(begin.replace(/[^\x20-\x7e]+/g, ' '), 60) : 'an empty file',
			remedy: other?.remedy ?? 'Save the model in one of these forms.',
		},
	);
}
