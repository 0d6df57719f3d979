import { lineText } from './text.js';

/**
 * Every failure a person may meet has one of these codes. A code is a promise: alerts and tests match on it.
 * The text around it may be improved at any time.
 */
export const ERROR_CODES = [
	'data.empty',
	'data.ragged',
	'data.unreadable',
	'data.too_large',
	'data.column_unknown',
	'data.column_type',
	'data.value_invalid',
	'data.too_many_bad',
	'data.source_unreachable',
	'data.source_refused',
	'data.path_blocked',
	'data.schema_mismatch',
	'recipe.step_unknown',
	'recipe.step_invalid',
	'recipe.step_order',
	'recipe.no_row_form',
	'recipe.expression_invalid',
	'recipe.code_blocked',
	'recipe.code_failed',
	'learn.target_missing',
	'learn.target_unknown',
	'learn.target_one_class',
	'learn.target_invalid',
	'learn.too_few_rows',
	'learn.no_features',
	'learn.value_infinite',
	'learn.weights_invalid',
	'learn.diverged',
	'learn.parameter_invalid',
	'learn.columns_mismatch',
	'learn.code_out_of_range',
	'learn.model_invalid',
	'learn.backend_missing',
	'learn.memory',
	'learn.explanation_inexact',
	'learn.no_onnx',
	'evaluate.no_rows',
	'evaluate.not_comparable',
	'store.not_found',
	'store.foreign',
	'store.corrupt',
	'store.digest_mismatch',
	'store.busy',
	'store.version_newer',
	'store.queue_mode',
	'store.audit_broken',
	'store.conflict',
	'store.full',
	'store.unwritable',
	'store.unreachable',
	'store.secret',
	'deploy.gate_failed',
	'deploy.approval_missing',
	'deploy.approval_pending',
	'deploy.approval_expired',
	'deploy.approval_rejected',
	'deploy.nothing_to_roll_back',
	'predict.input_invalid',
	'serve.model_unknown',
	'serve.model_unready',
	'serve.version_archived',
	'serve.store_away',
	'serve.key_missing',
	'serve.key_invalid',
	'serve.scope_missing',
	'serve.store_away',
	'serve.unreachable',
	'serve.answer_invalid',
	'serve.overloaded',
	'serve.request_invalid',
	'serve.body_too_large',
	'serve.port_taken',
	'rollout.running',
	'rollout.not_running',
	'rollout.refused',
	'truth.invalid',
	'truth.not_kept',
	'monitor.no_reference',
	'monitor.too_few_rows',
	'monitor.nothing_compared',
	'monitor.other_table',
	'monitor.no_truth',
	'monitor.no_estimate',
	'monitor.refused',
	'incident.closed',
	'person.refused',
	'person.sign_in_failed',
	'person.signed_out',
	'person.locked',
	'person.role_missing',
	'person.link_used',
	'person.other_site',
	'notify.channel_failed',
	'notify.address_invalid',
	'approval.link_stale',
	'approval.link_invalid',
	'approval.already_decided',
	'compute.task_failed',
	'compute.task_died',
	'compute.out_of_memory',
	'compute.cancelled',
	'input.invalid',
	'input.no_handle',
	'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Where the failure is and what would be right, each a short plain phrase. */
export interface ErrorDetails {
	node?: string;
	column?: string;
	/** 1-based row in the source, as a person would count it. */
	row?: number;
	expected?: string;
	found?: string;
	/** What the reader should do next, an imperative sentence. */
	remedy?: string;
	cause?: unknown;
}

/** What a full disk means for people. */
export const FULL = {
	message: 'The disk that holds the MLOps store is full.',
	remedy: 'Free some space and run again; nothing was half written.',
};

const FULL_CODES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const SQLITE_FULL = 13;
/**
 * DuckDB and compressors hand on the operating system's words alone. What DuckDB may spill is nine tenths of what was free when it began;
 * past that it says "Out of Memory", and names the setting.
 */
const FULL_WORDS = new RegExp(
	String.raw`\b(?:ENOSPC|EDQUOT|EFBIG)\b|No space left on device|not enough space on the disk|Disk quota exceeded|` +
		'database or disk is full|File too large|max_temp_directory_size',
	'i',
);

/** Whether the operating system, SQLite or DuckDB was refused room, here or in what caused it. */
export function isDiskFull(thrown: unknown, depth = 0): boolean {
	if (typeof thrown !== 'object' || thrown === null || depth > 5) return false;
	const { code, errcode, message, cause } = thrown as { code?: unknown; errcode?: unknown; message?: unknown; cause?: unknown };
	return (
		code === 'store.full' ||
		FULL_CODES.has(code) ||
		(typeof errcode === 'number' && (errcode & 0xff) === SQLITE_FULL) ||
		(!(thrown instanceof MlopsError) && typeof message === 'string' && FULL_WORDS.test(message)) ||
		isDiskFull(cause, depth + 1)
	);
}

const plain = (details: Omit<ErrorDetails, 'cause'>): Omit<ErrorDetails, 'cause'> =>
	Object.fromEntries(Object.entries(details).map(([key, value]) => [key, typeof value === 'string' ? lineText(value) : value]));

/** The one error type of `lib/`. `message` says what happened, `remedy` what to do; neither holds a secret or a stack trace. */
export class MlopsError extends Error {
	override readonly name = 'MlopsError';
	readonly details: Omit<ErrorDetails, 'cause'>;

	readonly code: ErrorCode;

	/**
	 * A failure that a full disk caused is `store.full`, whatever was being done. Texts become plain lines, since they quote what people and
	 * other programs wrote.
	 */
	constructor(code: ErrorCode, message: string, { cause, ...details }: ErrorDetails = {}) {
		const full = code !== 'store.full' && isDiskFull(cause);
		super(full ? FULL.message : lineText(message), cause === undefined ? undefined : { cause });
		this.code = full ? 'store.full' : code;
		this.details = plain(full ? { remedy: FULL.remedy } : details);
	}

	/** A plain object that crosses process borders; `fromJSON` is its inverse. */
	toJSON(): MlopsErrorJson {
		return { code: this.code, message: this.message, details: this.details };
	}

	static fromJSON(json: MlopsErrorJson): MlopsError {
		return new MlopsError(json.code, json.message, json.details);
	}

	/** Wraps anything thrown; an `MlopsError` passes through unchanged. */
	static from(thrown: unknown, code: ErrorCode = 'internal'): MlopsError {
		if (thrown instanceof MlopsError) return thrown;
		const message = thrown instanceof Error ? thrown.message : String(thrown);
		return new MlopsError(code, message, { cause: thrown });
	}
}

export interface MlopsErrorJson {
	code: ErrorCode;
	message: string;
	details: Omit<ErrorDetails, 'cause'>;
}
