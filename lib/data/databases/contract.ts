import { z } from 'zod/v4';

/** How a connection is encrypted, and what the certificates are checked with. */
const tlsSchema = z.object({
	/** `prefer`: encrypted where the server can; `require`: encrypted or not at all. */
	mode: z.enum(['off', 'prefer', 'require']),
	/** Whether the server must show a certificate that is trusted. */
	verify: z.boolean(),
	/** PEM texts: who vouches for the server, and what this side shows of itself. */
	ca: z.string().optional(),
	cert: z.string().optional(),
	key: z.string().optional(),
});

/** How to reach a server. */
export const connectionSchema = z.object({
	host: z.string(),
	port: z.number().optional(),
	user: z.string().optional(),
	password: z.string().optional(),
	database: z.string().optional(),
	tls: tlsSchema.optional(),
	connectTimeoutSeconds: z.number().optional(),
});
export type Connection = z.infer<typeof connectionSchema>;

export const CONNECT_SECONDS = 15;

/** Where a reader puts what a query gives: the columns once (`text`: the database says that it is text), then row by row. */
export interface Sink {
	columns(names: string[], text: boolean[]): void;
	row(values: ReadonlyArray<string | null>): Promise<void>;
	/** A value of the column, by its place, is what the database writes in the place of none; it comes as null. */
	none?(column: number): void;
}

/** A query on its way. */
export interface QueryWatch {
	/** @throws when the query is to end: cancelled, or too slow */
	check(): void;
	/** The time that the whole query may take. */
	milliseconds: number;
}
