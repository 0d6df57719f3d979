import { parseParams } from '../domain/params.js';
import type { Context } from '../domain/progress.js';
import { itemEvent } from '../domain/serverEvent.js';
import { isMet } from '../domain/ui.js';
import { channelById } from '../notify/channels/index.js';
import { composeMessage } from '../notify/composeMessage.js';
import type { Delivery, Message } from '../notify/contract.js';

export type { Message };

/** A message made from whatever an item carries, with the words that people chose themselves; an empty text is none. */
export const messageAbout = (item: Record<string, unknown>, words: { title?: string; text?: string } = {}): Message =>
	composeMessage(item, words);

/** E-mail addresses of those whom an item's event concerns. */
export const concernedBy = ({ event }: Record<string, unknown>): readonly string[] =>
	itemEvent.pick({ tell: true }).safeParse(event).data?.tell ?? [];

/** What a channel needs beside the message. */
export interface Sending {
	/** Its parameters as they were entered. */
	params: unknown;
	/** Whom alone the message is for; reached at their own address where the channel knows it. */
	person?: string;
	/** E-mail addresses of those whom it concerns; reached where the parameters name nobody. */
	people?: readonly string[];
	/** The fields of a credential of n8n's; asked for where the channel takes one with these parameters. */
	credential(name: string): Promise<Readonly<Record<string, unknown>>>;
	/** Charts to send along; asked for where the channel carries pictures. */
	charts?(): Promise<NonNullable<Message['images']>>;
	context: Context;
}

/** Sends a message. @throws `input.invalid`, `notify.channel_failed` naming channel, status and what to do, `compute.cancelled` */
export async function sendMessage(
	id: string,
	message: Message,
	{ params: entered, person, people = [], credential, charts, context }: Sending,
): Promise<Delivery> {
	const channel = channelById(id);
	const given = parseParams(channel.params, entered, channel.label);
	const named = (people.length > 0 ? channel.toPeople?.(given, people) : undefined) ?? given;
	const params = (person === undefined ? undefined : channel.toPerson?.(given, person)) ?? named;
	const images = channel.pictures ? ((await charts?.()) ?? []) : [];
	return await channel.send(images.length ? { ...message, images } : message, params, await secretsFor(), context);

	/** Slack by webhook address takes no credential. */
	async function secretsFor(): Promise<Readonly<Record<string, unknown>>> {
		const wanted = channel.credential;
		if (!wanted || !isMet(wanted.when, params as Record<string, unknown>)) return {};
		return await credential(wanted.name).catch((error: unknown) => {
			if (wanted.required) throw error;
			return {};
		});
	}
}
