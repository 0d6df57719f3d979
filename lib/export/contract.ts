import type { ItemExported } from '../domain/item.js';
import type { MlopsError } from '../domain/errors.js';
import type { ModelManifest } from '../domain/model.js';
import type { State } from '../formats/state.js';

/** A model package, unpacked, for whoever writes it in another form. */
export interface PackagedModel {
	/** What the model is called: `churn@3`. */
	name: string;
	/** The whole package, and its SHA-256. */
	bytes: Uint8Array;
	digest: string;
	manifest: ModelManifest;
	/** What the learner has learned. */
	state: State;
}

export interface ExportFile {
	/** Its place among the files, folders with forward slashes: `code/loader.py`. */
	name: string;
	bytes: Uint8Array;
	/**
	 * For a file that goes along by itself: the key of the binary, what follows the model's name in the name of the file, its media type, and
	 * what a person calls it. A format none of whose files says so goes as one ZIP file.
	 */
	along?: { key: string; ending: string; type: string; what: string };
}

export interface Exported {
	/** The main file first. */
	files: ExportFile[];
	/** What the receiver must know, for the item: counts, what has to be installed. */
	facts?: Record<string, number | string>;
}

/** A form for other programs in which a model can be written. */
export interface ExportFormat {
	/** Saved in people's workflows and in the audit log. */
	id: string;
	label: string;
	description: string;
	/** Why a model of this kind has no such form; undefined where it has one. */
	refusal(manifest: ModelManifest): MlopsError | undefined;
	/** The same model gives the same bytes. @throws where this one model cannot be written, `learn.no_onnx`, `learn.model_invalid` */
	write(model: PackagedModel): Exported | Promise<Exported>;
	/**
	 * Fields besides `exported` that items had before there was more than one format: people's workflows read them. `digests` are those of
	 * the files.
	 */
	formerFields?(exported: ItemExported, digests: readonly string[]): Record<string, unknown>;
}

/** Identity function that gives an extension its type. */
export const defineExport = (format: ExportFormat): ExportFormat => format;
