import { z } from 'zod/v4';
import { actOnIncident, findIncident, incidentFilter, listIncidents } from '../../app/incidents.js';
import { INCIDENT_ACTIONS, type IncidentAction, type IncidentRecord } from '../../domain/incident.js';
import { defineCommand, type Answer } from '../contract.js';
import { moment, textTable } from '../textTable.js';

const id = z.string().meta({ description: 'Id of the incident', placeholder: 'ID' });
const { model, state } = incidentFilter.shape;

function shown(body: IncidentRecord): Answer {
	const { severity, title, history, owner, snoozedUntil } = body;
	const head = [
		`${body.id}: ${title}`,
		`${severity === 'page' ? 'Somebody must look now' : 'Explains, and can wait'}; ${body.state}` +
			`${snoozedUntil ? ` until ${moment(snoozedUntil)} (UTC)` : ''}${owner ? `; ${owner} looks after it` : ''}.`,
	];
	const rows = history.map((step) => [moment(step.at), step.what, step.by, step.text ?? '']);
	return { json: body, text: [...head, textTable(['When (UTC)', 'What', 'By', ''], rows)].join('\n') };
}

/** What the monitors found to be the matter, and what people do about it. */
export const incidentList = defineCommand({
	name: 'incident list',
	does: 'Lists incidents: what the monitors found to be the matter.',
	args: ['model'],
	options: z.object({
		model: model.meta({ description: 'Name of a model', placeholder: 'NAME' }),
		state: state.meta({ description: 'Only those in this state; active: all that are not closed' }),
	}),
	async run(filter, desk) {
		const { store } = await desk.session();
		const incidents = (await listIncidents(store, filter)).map(({ body }) => body);
		const rows = incidents.map((i) => [i.id, i.severity, i.state, moment(i.openedAt), i.owner ?? '', i.title]);
		return {
			json: incidents,
			text: rows.length ? textTable(['Incident', 'Severity', 'State', 'Since (UTC)', 'Owner', ''], rows) : 'There are none.',
		};
	},
});

export const incidentShow = defineCommand({
	name: 'incident show',
	does: 'Shows an incident with its history.',
	args: ['id'],
	options: z.object({ id }),
	run: async (options, desk) => shown((await findIncident((await desk.session()).store, options.id)).body),
});

const text = z.string().optional().meta({ description: 'A comment, or why', placeholder: 'TEXT' });

const acting = (action: IncidentAction) =>
	defineCommand({
		name: `incident ${action}`,
		does: `${INCIDENT_ACTIONS[action][1]}.`,
		args: action === 'comment' ? ['id', 'text'] : ['id'],
		options: z.object({ id, text }),
		async run(options, desk) {
			const { store, actor } = await desk.session();
			return shown((await actOnIncident(store, { ...options, action, actor })).body);
		},
	});

export const incidentSnooze = defineCommand({
	name: 'incident snooze',
	does: `${INCIDENT_ACTIONS.snooze[1]}.`,
	args: ['id', 'until'],
	options: z.object({ id, until: z.string().meta({ description: 'Until when, ISO 8601', placeholder: 'TIME' }), text }),
	examples: ['mlops incident snooze churn-3 2026-03-02T08:00:00Z --text "the new prices come on Monday"'],
	async run(options, desk) {
		const { store, actor } = await desk.session();
		return shown((await actOnIncident(store, { ...options, action: 'snooze', actor })).body);
	},
});

export const incidentAcknowledge = acting('acknowledge');
export const incidentWake = acting('wake');
export const incidentComment = acting('comment');
export const incidentClose = acting('close');
export const incidentReopen = acting('reopen');
