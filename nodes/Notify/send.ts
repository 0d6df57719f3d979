import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { channelChoice } from '../../lib/app/catalogue.js';
import { concernedBy, messageAbout, sendMessage, type Message, type Sending } from '../../lib/app/sendMessage.js';
import { silentContext } from '../../lib/domain/progress.js';
import { forEachItem } from '../shared/execute.js';
import { humanise, readForm } from '../shared/form.js';
import { parametersOf } from '../shared/parameters.js';
import { sayMeanwhile } from '../shared/runtime.js';

/** Binaries of this name are charts, as our nodes give them. */
const CHART = 'chart_';

/** One message an item; the item goes on unchanged with `notification` added. */
export async function sendMessages(functions: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await forEachItem(functions, 1, async (index, item) => {
		const message = messageOf(functions, index, item);
		await sendBy(functions, index, message, { people: concernedBy(item.json) });
		return {
			item: {
				json: { ...item.json, notification: { channel: functions.getNodeParameter('channel', index), title: message.title, sent: true } },
				binary: item.binary,
			},
		};
	});
}

export function messageOf(functions: IExecuteFunctions, index: number, item: INodeExecutionData): Message {
	const text = (name: string) => functions.getNodeParameter(name, index, '') as string;
	return messageAbout(item.json, { title: text('title'), text: text('text') });
}

/**
 * Sends by the chosen channel, with the item's charts where it carries pictures.
 * @param to whom alone the message is for, reached at their own address where the channel knows it; or whom it concerns, where nobody is
 * named
 * @throws `notify.channel_failed` naming channel, status and what to do
 */
export async function sendBy(
	functions: IExecuteFunctions,
	index: number,
	message: Message,
	to: Pick<Sending, 'person' | 'people'>,
): Promise<void> {
	const channel = channelChoice(functions.getNodeParameter('channel', index) as string);
	const note = (_code: string, text: string): void => {
		// What it quotes, names of columns and models and people's own words, must not act on a terminal that shows the log.
		sayMeanwhile(functions, text);
	};
	await sendMessage(channel.id, message, {
		params: readForm(channel.params, parametersOf(functions, index)),
		...to,
		credential: async (name) => await functions.getCredentials(name, index),
		charts: async () => await chartsOf(functions, index),
		context: { ...silentContext(), note },
	});
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
