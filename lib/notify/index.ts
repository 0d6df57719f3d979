import { MlopsError } from '../domain/errors.js';
import type { Context } from '../domain/progress.js';
import { channelById } from './channels/index.js';
import type { Delivery, Message } from './contract.js';

export * from './approvalPage.js';
export { ENGLISH, type ApprovalStrings } from './approvalStrings.js';
export { channels } from './channels/index.js';
export { composeMessage, type MessageOverrides } from './composeMessage.js';
export type { Channel, Delivery, Message, Severity } from './contract.js';

/**
 * Checks a channel's parameters and sends.
 * @throws `input.invalid` for an unknown channel or parameter, else what the channel throws
 */
export async function notify(
	id: string,
	message: Message,
	params: Record<string, unknown>,
	secrets: Readonly<Record<string, unknown>>,
	context: Context,
): Promise<Delivery> {
	const channel = channelById(id);
	const checked = channel.params.safeParse(params);
	if (!checked.success) {
		const [issue] = checked.error.issues;
		throw new MlopsError('input.invalid', `${channel.label}: ${issue.path.join('.') || 'a parameter'} is not right: ${issue.message}.`, {
			remedy: 'Correct that field of the node.',
		});
	}
	return await channel.send(message, checked.data, secrets, context);
}
