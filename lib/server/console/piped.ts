import { z } from 'zod/v4';

/** Where all of the console's API lies. */
export const API_PREFIX = '/api/v1';
/** Nothing that people send here is larger. */
export const API_BODY_LIMIT = 1024 * 1024;

/** What a listener hands over of a request. */
export const pipedRequest = z.object({
	method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'DELETE']),
	url: z.string(),
	headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
	body: z.string().optional(),
	/** The caller's address. */
	from: z.string(),
});
export type PipedRequest = z.infer<typeof pipedRequest>;

export interface PipedAnswer {
	status: number;
	headers: Record<string, string | string[]>;
	body: string;
}
