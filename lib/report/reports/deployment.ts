import type { ItemDeployment } from '../../domain/item.js';
import { plain } from '../formatting.js';
import { aliasHistory } from '../panels/deployment/aliasHistory.js';
import { approvalThen } from '../panels/deployment/approvalThen.js';
import { gateThen } from '../panels/deployment/gateThen.js';
import { versionText, type DeploymentInput } from '../panels/deployment/input.js';
import { override } from '../panels/deployment/override.js';
import type { Panel } from '../panels/panel.js';
import { makeReport, type Report } from '../makeReport.js';
import { facts } from '../safeHtml.js';

export const DEPLOYMENT_PANELS: ReadonlyArray<Panel<DeploymentInput>> = [override, gateThen, approvalThen, aliasHistory];

/** What Deploy did or would do, on what grounds, and what served before. */
export function deploymentReport(deployment: ItemDeployment, details: Omit<DeploymentInput, 'deployment'> = {}): Promise<Report> {
	const d = deployment;
	const alias = d.alias ? `“${d.alias}”` : undefined;
	const sentence = d.preview
		? `Nothing was changed: this was a test run. ${alias ? `${alias} of ${d.model} would point to version ${d.version}.` : ''}`.trim()
		: d.moved && alias
			? `${alias} of ${d.model} now points to version ` +
				`${d.version}${d.previousVersion === null ? '' : `; before, it was version ${d.previousVersion}`}.`
			: d.text;
	return makeReport(
		{
			title: `Deployment of ${d.model}`,
			eyebrow: `Deployment · ${plain(d.model, 60)}`,
			sentence,
			lead: d.text === sentence ? undefined : d.text,
			verdict: d.preview
				? { text: 'preview', tone: 'plain' }
				: d.overridden
					? { text: 'overridden', tone: 'warn' }
					: d.moved
						? { text: 'deployed', tone: 'good' }
						: { text: 'unchanged', tone: 'plain' },
			facts: facts([
				{ label: 'model', value: plain(d.model, 40) },
				{ label: 'version', value: String(d.version) },
				d.alias !== undefined && { label: 'alias', value: d.alias },
				{ label: 'before', value: versionText(d.previousVersion) },
			]),
		},
		DEPLOYMENT_PANELS,
		{ deployment, ...details },
	);
}
