import { MlopsError } from '../../domain/errors.js';
import type { Channel } from '../contract.js';
import { discord } from './discord.js';
import { email } from './email.js';
import { log } from './log.js';
import { slack } from './slack.js';
import { teams } from './teams.js';
import { webhook } from './webhook.js';

/** All channels, in the order in which a person sees them. */
export const channels: ReadonlyArray<Channel> = [log, slack, teams, email, discord, webhook];

/** @throws `input.invalid` naming the channels there are */
export function channelById(id: string): Channel {
	const channel = channels.find((c) => c.id === id);
	if (channel) return channel;
	throw new MlopsError('input.invalid', `There is no channel "${id}".`, {
		expected: `one of: ${channels.map((c) => c.id).join(', ')}`,
		remedy: 'Choose a channel from the list.',
	});
}

export { discord, email, log, slack, teams, webhook };
