import { html, say } from '../../safeHtml.js';
import { definePanel } from '../panel.js';
import type { DeploymentInput } from './input.js';

/** Who deployed against a rule, and why. */
export const override = definePanel<DeploymentInput, { actor: string; reason: string }>({
	id: 'override',
	data: ({ deployment, actor = 'Someone', reason = 'none given' }) => (deployment.overridden ? { actor, reason } : undefined),
	draw: ({ actor, reason }) => ({
		title: 'Overridden by a person',
		body: say('warn', html`${actor} deployed this although a rule forbade it. Reason: ${reason}`),
	}),
});
