/** What can be watched, with what people read in a list. */
export const WATCHES = {
	data: ['Data Drift', 'Whether what the model is asked about has changed'],
	answers: ['Answers', 'Whether what the model answers has changed'],
	quality: ['Quality', 'How good the answers were, by what turned out to be true'],
	estimate: ['Estimated Quality', 'How good the answers probably are, before anybody knows what is true'],
	service: ['Service', 'Whether answers come, in time and without errors'],
} as const satisfies Record<string, readonly [label: string, description: string]>;
export type WatchId = keyof typeof WATCHES;
