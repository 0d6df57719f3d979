import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { own } from '../../lib/domain/dictionary.js';
import { channelById } from '../../lib/notify/channels/index.js';
import { composeMessage } from '../../lib/notify/composeMessage.js';
import type { Channel, Message } from '../../lib/notify/contract.js';
import { silentContext } from '../../lib/domain/progress.js';
import { lineText } from '../../lib/domain/text.js';
import { forEachItem } from '../shared/execute.js';
import { humanise } from '../shared/form.js';
import { formValues } from '../shared/parameters.js';

/** Binaries of this name are charts, as our nodes give them. */
const CHART = 'chart_';

/** One message an item; the item goes on unchanged with `notification` added. */
export async function sendMessages(functions: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await forEachItem(functions, 1, async (index, item) => {
		const message = messageOf(functions, index, item);
		await sendMessage(functions, index, message);
		return {
			item: {
				json: { ...item.json, notification: { channel: functions.getNodeParameter('channel', index), title: message.title, sent: true } },
				binary: item.binary,
			},
		};
	});
}

export function messageOf(functions: IExecuteFunctions, index: number, item: INodeExecutionData): Message {
	const composed = composeMessage(item.json);
	const title = (functions.getNodeParameter('title', index, '') as string).trim();
	const text = (functions.getNodeParameter('text', index, '') as string).trim();
	return { ...composed, ...(title ? { title } : {}), ...(text ? { text } : {}) };
}

/**
 * Sends by the chosen channel, with the item's charts where it carries pictures.
 * @param person whom alone the message is for; reached at their own address where the channel knows it
 * @throws `notify.channel_failed` naming channel, status and what to do
 */
export async function sendMessage(functions: IExecuteFunctions, index: number, message: Message, person?: string): Promise<void> {
	const channel = channelById(functions.getNodeParameter('channel', index) as string);
	const given = formValues(functions, index, channel.params, channel.label);
	const params = (person === undefined ? undefined : channel.toPerson?.(given, person)) ?? given;
	const secrets = await secretsOf(functions, index, channel, params as Record<string, unknown>);
	const note = (_code: string, text: string): void => {
		// What it quotes, names of columns and models and people's own words, must not act on a terminal that shows the log.
		functions.logger.info(lineText(`[mlops] ${functions.getNode().name}: ${text}`));
		if (functions.getMode() === 'manual') functions.sendMessageToUI(lineText(text));
	};
	const context = { ...silentContext(), note };
	const images = channel.pictures ? await chartsOf(functions, index) : [];
	await channel.send(images.length ? { ...message, images } : message, params, secrets, context);
}

const MAX_IMAGES = 6;
const MAX_IMAGE_BYTES = 4_000_000;

/** The charts that an item carries, as many as a mail should hold. */
async function chartsOf(functions: IExecuteFunctions, index: number): Promise<NonNullable<Message['images']>> {
	const images: NonNullable<Message['images']> = [];
	let bytes = 0;
	for (const [key, { mimeType }] of Object.entries(functions.getInputData()[index].binary ?? {})) {
		if (!key.startsWith(CHART) || mimeType !== 'image/png' || images.length === MAX_IMAGES) continue;
		const png = await functions.helpers.getBinaryDataBuffer(index, key);
		bytes += png.length;
		if (bytes > MAX_IMAGE_BYTES) break;
		const name = key.slice(CHART.length);
		images.push({ name, alt: humanise(name), png });
	}
	return images;
}

/** The credential's fields, where the channel takes one with these parameters (Slack by webhook address takes none). */
async function secretsOf(
	functions: IExecuteFunctions,
	index: number,
	{ credential }: Channel,
	params: Record<string, unknown>,
): Promise<Record<string, unknown>> {
	const wanted = credential && Object.entries(credential.when ?? {}).every(([name, values]) => values.includes(String(own(params, name))));
	if (!wanted) return {};
	return await functions.getCredentials(credential.name, index).catch((error: unknown) => {
		if (credential.required) throw error;
		return {};
	});
}
