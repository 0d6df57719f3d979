import { NodeConnectionTypes, type INodeTypeDescription } from 'n8n-workflow';
import { storeCredential } from './storeCredential.js';

/**
 * Parts of a description that all nodes share.
 *
 * @param versions the `typeVersion`s that there are, oldest first. n8n saves no default value, so a default that changes would change the
 * workflows that people have: the new one gets a version of its own (`displayOptions: { show: { '@version': [2] } }`), new nodes have the
 * last version, old ones keep theirs
 */
export const nodeBase = (icon: string, versions: number[] = [1]) =>
	({
		icon: { light: `file:../icons/${icon}.svg`, dark: `file:../icons/${icon}.dark.svg` },
		group: ['transform'],
		version: versions.length > 1 ? versions : versions[0],
		...(versions.length > 1 ? { defaultVersion: versions.at(-1) } : {}),
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [storeCredential],
	}) satisfies Partial<INodeTypeDescription>;
