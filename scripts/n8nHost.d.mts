/** Types of `n8nHost.mjs` for the tests. */
type Say = (text: string) => void;

export interface N8nHost {
	url: string;
	email: string;
	password: string;
	/** False where this n8n has an owner that we did not make. */
	own: boolean;
	log: string;
	pid: number;
	ended: Promise<number | string>;
	stop(): Promise<void>;
}

export interface StartOptions {
	port?: number;
	userFolder: string;
	env?: Record<string, string>;
	templates?: boolean;
	packageFolder?: string | null;
	say?: Say;
}

export function ensureN8n(say: Say): Promise<string>;
export function n8nEnvironment(options: {
	userFolder: string;
	port: number;
	brokerPort: number;
	env?: Record<string, string>;
}): Record<string, string>;
export function startN8n(options: StartOptions): Promise<N8nHost>;
export function signIn(
	host: Pick<N8nHost, 'url' | 'email' | 'password'>,
): Promise<(method: string, route: string, body?: unknown) => Promise<unknown>>;
export function freePort(port?: number): Promise<number>;
