import { NodeConnectionTypes, type INodeTypeDescription } from 'n8n-workflow';

/** Parts of a description that all nine nodes share. */
export const nodeBase = (icon: string) => ({
	icon: { light: `file:../icons/${icon}.svg`, dark: `file:../icons/${icon}.dark.svg` },
	group: ['transform'],
	version: 1,
	inputs: [NodeConnectionTypes.Main],
	outputs: [NodeConnectionTypes.Main],
}) satisfies Partial<INodeTypeDescription>;
