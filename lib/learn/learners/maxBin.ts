import { z } from 'zod/v4';

/** `max_bin` of all learners that grow trees. */
export const maxBin = z
	.number()
	.int()
	.min(2)
	.max(255)
	.default(255)
	.meta({ title: 'Bins a column', description: 'Numbers are grouped into at most this many bins before training.', advanced: true });
