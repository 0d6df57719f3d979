import { gunzipSync } from 'node:zlib';
import { fromLightgbm } from '../../../../lib/learn/trees/import/lightgbm.js';
import { fromXgboost } from '../../../../lib/learn/trees/import/xgboost.js';
import type { Ensemble } from '../../../../lib/learn/trees/ensemble.js';
import expected from '../expected/imports.json';

export interface Imported {
	kind: string;
	name: string;
	file: string;
	categories?: boolean;
	/** What the original predicts for `asked`. */
	p: number[][];
	shap?: number[][];
	/** LightGBM's `feature_importance`. */
	importance?: { gain: number[]; split: number[] };
}

export const imported = expected.models as Imported[];
export const refused = expected.refused;

/** A model's file as the original saved it. */
export const bytesOf = (m: { file: string }): Buffer => gunzipSync(Buffer.from(m.file, 'base64'));
export const readAs = (kind: string, file: Buffer): Ensemble =>
	(kind === 'lightgbm' ? fromLightgbm(file.toString('utf8')) : fromXgboost(file)).model;
export const readModel = (m: { kind: string; file: string }): Ensemble => readAs(m.kind, bytesOf(m));

/** The rows that the original was asked about. */
export const asked = (m: Imported): Float64Array[] =>
	expected.x.map((row) => {
		const values = Float64Array.from(row, (v) => v ?? NaN);
		// XGBoost itself refuses a category below zero.
		if (m.kind === 'xgboost' && m.categories && values[3] < 0) values[3] = 39;
		return values;
	});
