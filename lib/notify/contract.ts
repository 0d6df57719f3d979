import type { z } from 'zod/v4';
import type { Context } from '../domain/progress.js';

export type Severity = 'info' | 'success' | 'warning' | 'error';

/** What a channel sends; plain text throughout, each channel escapes for its own markup. */
export interface Message {
	title: string;
	text: string;
	facts: Array<{ label: string; value: string }>;
	severity: Severity;
	links: Array<{ label: string; url: string }>;
	/** Charts; a channel that cannot carry pictures leaves them out. */
	images?: Array<{ name: string; alt?: string; png: Buffer }>;
	/** The item the message was made from, for channels that talk to programs. */
	data?: Record<string, unknown>;
}

/** What came of it; holds no secret. */
export interface Delivery {
	channel: string;
	to: string;
	attempts: number;
	id?: string;
}

/** One way to tell people, one file under channels/, listed in its index.ts. */
export interface Channel<P = unknown> {
	id: string;
	label: string;
	/** One sentence for a newcomer. */
	description: string;
	/** The only description of its parameters: form, validation and docs come from it. */
	params: z.ZodType<P>;
	/** n8n's own credential type whose fields arrive as `secrets`; `when` as in a field's metadata. */
	credential?: { name: string; label: string; required: boolean; when?: Record<string, readonly string[]> };
	/** Messages go to n8n's own log and to nobody else: whoever may read it may as well see links in the node. */
	toLog?: boolean;
	/** Whether it carries a message's images. */
	pictures?: boolean;
	/** The parameters for reaching one person alone, where the name given is an address of this channel. */
	toPerson?(params: P, name: string): P | undefined;
	/** The parameters for reaching those whom the message concerns, where they name nobody else to be reached. */
	toPeople?(params: P, addresses: readonly string[]): P;
	/** @throws `notify.channel_failed`, `notify.address_invalid`, `compute.cancelled` */
	send(message: Message, params: P, secrets: Readonly<Record<string, unknown>>, context: Context): Promise<Delivery>;
}

/** Identity function that gives a channel its type. */
export const defineChannel = <P>(channel: Channel<P>): Channel<P> => channel;
