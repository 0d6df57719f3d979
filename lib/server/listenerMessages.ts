import type { MlopsErrorJson } from '../domain/errors.js';
import type { Certificate } from './certificate.js';
import type { Connection } from './log/startLog.js';
import type { Labels } from './metrics/counters.js';
import type { ServeOptions } from '../domain/serveOptions.js';
import type { ServeTable } from './serveTable.js';

/** What a listener is given when it starts. */
export interface ListenerData {
	/** Its port is the one that the first listener got, for the others. */
	options: ServeOptions;
	/** Id of the store, told by the live address. */
	storeId: string;
	/** Whether several listeners share the port. */
	shared: boolean;
	counters: SharedArrayBuffer;
	/** One number, written by the main thread: when the store was seen last (`monotonic`, ms). */
	seen: SharedArrayBuffer;
	table: ServeTable;
	/** Absent where it speaks http. */
	certificate?: Certificate;
	/** Absent where nothing is logged. */
	log?: Connection;
}

/** From the main thread to a listener. */
export type ToListener =
	| { kind: 'table'; table: ServeTable }
	/** With what is known of the inside of a failure, for the server's own log. */
	| { kind: 'reply'; id: number; value?: unknown; error?: MlopsErrorJson; inside?: readonly string[] }
	/** The log's thread was started again. */
	| { kind: 'log'; log: Connection }
	/** Another one, for the connections that come from now on. */
	| { kind: 'certificate'; certificate: Certificate }
	| { kind: 'stop' };

/** A version that a listener cannot load. */
export interface Failed {
	model: string;
	version: number;
	why: string;
}

/** From a listener to the main thread. */
export type FromListener =
	| { kind: 'listening'; port: number }
	| { kind: 'call'; id: number; method: string; params: unknown }
	| { kind: 'slot'; slot: number; labels: Labels }
	/** The table is in use; of the versions that aliases point to these could not be loaded. */
	| { kind: 'applied'; failed: Failed[]; usedBytes: number }
	| { kind: 'refused'; error: MlopsErrorJson };
