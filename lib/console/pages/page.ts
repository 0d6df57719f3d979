import type { ComponentType } from 'preact';
import type { Role } from '../../domain/role.js';
import type { Params } from '../router/place.js';

/** What a page is given. */
export interface PageProps {
	/** The `:name` parts of its address. */
	params: Params;
}

/** A page of the console: one entry of `pages/index.ts`, one file (and what only it uses) in a folder beside it. */
export interface Page {
	/** Behind `/console`; `:name` stands for one part. */
	path: string;
	/** In the window's title; pages say more by `useTitle`. */
	title: string;
	/** The least role that may open it; `none`: it is shown by itself, to whoever is not signed in. */
	role: Role | 'none';
	/** Its component, which comes as a chunk of its own: `async () => (await import('./models/Models.js')).Models`. */
	load(): Promise<ComponentType<PageProps>>;
	/** What it asks the server for first, where it needs nothing of its address for that: asked while the rest of the page still comes. */
	first?: string;
}
