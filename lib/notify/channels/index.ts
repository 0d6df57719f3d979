import type { Channel } from '../contract.js';
import { discord } from './discord.js';
import { email } from './email.js';
import { slack } from './slack.js';
import { teams } from './teams.js';
import { webhook } from './webhook.js';

/** All channels, in the order in which a person sees them. */
export const channels: ReadonlyArray<Channel> = [slack, teams, email, discord, webhook];

export { discord, email, slack, teams, webhook };
