import { z } from 'zod/v4';

/** All that a model server can be told; command line, node and reference are made from it. */
export const serveOptions = z.object({
	port: z.number().int().min(0).max(65_535).default(8080).meta({
		title: 'Port',
		description: 'Port to listen on; 0 takes a free one',
		placeholder: 'PORT',
	}),
	host: z.string().min(1).default('127.0.0.1').meta({
		title: 'Bind Address',
		description: 'Address to listen on: 127.0.0.1 for this machine alone, 0.0.0.0 or :: for all networks',
		placeholder: 'ADDRESS',
	}),
	publicUrl: z
		.url({ protocol: /^https?$/ })
		.optional()
		.meta({
			title: 'Address for People',
			advanced: true,
			description: 'Where people reach this server, for links to its console; else its own address',
			placeholder: 'URL',
		}),
	listeners: z.number().int().min(1).max(64).optional().meta({
		title: 'Listeners',
		advanced: true,
		description:
			'Threads that answer, each with the models in its own memory; else one a core, at most 8; on other systems than Linux there is one',
		placeholder: 'N',
	}),
	models: z.array(z.string().min(1)).default([]).meta({
		title: 'Models',
		description: 'Registered models to serve; none: all',
		placeholder: 'NAME',
	}),
	model: z.string().optional().meta({
		title: 'Main Model',
		advanced: true,
		description: 'NAME, NAME@ALIAS or NAME@VERSION that is asked where an address names none (/invocations, Vertex AI)',
		placeholder: 'NAME',
	}),
	keys: z.boolean().default(true).meta({
		title: 'Ask for API Keys',
		description: 'Whether callers need a key; may be off only where the bind address is the machine itself',
	}),
	log: z
		.enum(['on', 'durable', 'off'])
		.default('on')
		.meta({
			title: 'Prediction Log',
			description: 'Whether questions and answers are kept',
			labels: {
				on: 'Keep Them (written a moment later)',
				durable: 'Keep Them Before Answering (slower, nothing is ever lost)',
				off: 'Do Not Keep Them',
			},
		}),
	monitors: z.boolean().default(true).meta({
		title: 'Look After Monitors',
		advanced: true,
		description:
			'Whether this server looks after the monitors of its store, as a job of low priority; of several servers one at a time does',
	}),
	memory: z.number().min(16).default(1024).meta({
		title: 'Memory for Models (MB)',
		advanced: true,
		description: 'Packages that each listener keeps ready, in MB; beyond it the least used ones are read again when asked',
		placeholder: 'MB',
	}),
	maxBody: z.number().min(0.001).max(1024).default(16).meta({
		title: 'Largest Request (MB)',
		advanced: true,
		description: 'Larger bodies are refused with 413',
		placeholder: 'MB',
	}),
	maxRows: z.number().int().min(1).max(1_000_000).default(10_000).meta({
		title: 'Rows a Request',
		advanced: true,
		description: 'More rows in one request are refused with 413',
		placeholder: 'N',
	}),
	timeout: z.number().min(1).max(600).default(30).meta({
		title: 'Slowest Request (Seconds)',
		advanced: true,
		description: 'A request that has not arrived whole by then is cut off with 408',
		placeholder: 'SECONDS',
	}),
	maxDelay: z.number().min(10).max(60_000).default(500).meta({
		title: 'Longest Wait (ms)',
		advanced: true,
		description: 'When requests would wait longer than this, they are refused at once with 503 and Retry-After',
		placeholder: 'MS',
	}),
	tlsCert: z.string().optional().meta({
		title: 'TLS Certificate File',
		advanced: true,
		description: 'PEM file with the certificate and its chain; with the key, the server speaks https',
		placeholder: 'FILE',
	}),
	tlsKey: z.string().optional().meta({
		title: 'TLS Key File',
		advanced: true,
		description: "PEM file with the certificate's private key",
		placeholder: 'FILE',
	}),
});
export type ServeOptions = z.output<typeof serveOptions>;
