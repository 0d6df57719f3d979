import { columnText, personText, wellFormed, wellFormedJson } from '../domain/text.js';
import type { Store, Transactional } from './contract.js';

type Details = Record<string, unknown>;

/** Texts in an event's details that a person wrote. */
const SAID = ['reason', 'comment'] as const;

const detailsOf = (details: Details): Details => {
	const said = SAID.filter((key) => typeof details[key] === 'string').map((key) => [key, personText(details[key] as string)]);
	return { ...wellFormedJson(details), ...(Object.fromEntries(said) as Details) };
};

const optional = <T>(text: T, map: (text: string) => string): T => (typeof text === 'string' ? (map(text) as T) : text);

/**
 * The store behind one door for text: what comes in is made well-formed before anything is hashed, signed or written, so that it reads
 * back as what was hashed. Names are looked up as they are written. Comments, reasons and actors are brought to one spelling (NFC) too.
 * The prediction log, which may be long, does so entry by entry itself.
 */
export function withCleanText(store: Store): Store {
	return {
		...store,
		...cleaned(store),
		transact: async (work) => await store.transact(async (part) => await work(cleaned(part))),
		predictions: (options) => store.predictions({ ...options, model: optional(options.model, name) }),
		setProgress: (key, progress) => store.setProgress(name(key), progress),
		progress: (key) => store.progress(name(key)),
		clearProgress: (key) => store.clearProgress(name(key)),
		swapProgress: (key, from, to) => store.swapProgress(name(key), from, to),
		progressUnder: (prefix) => store.progressUnder(name(prefix)),
		rotateKey: (key, actor, reason) => store.rotateKey(key, personText(actor), optional(reason, personText)),
	};
}

const name = wellFormed;

function cleaned(store: Transactional): Transactional {
	return {
		get: (kind, id) => store.get(kind, id),
		names: (kind) => store.names(kind),
		evaluationOf: (digest) => store.evaluationOf(digest),
		lineage: (id, direction, limit) => store.lineage(id, direction, limit),
		approval: (id) => store.approval(id),
		approvalsFor: (digest) => store.approvalsFor(digest),
		approvals: (options) => store.approvals(options),
		add: (kind, called, body, options) =>
			store.add(kind, name(called), wellFormedJson(body), options && { ...options, memo: optional(options.memo, name) }),
		find: (kind, called, version) => store.find(kind, name(called), version),
		list: (kind, options) => store.list(kind, options && { ...options, name: optional(options.name, name) }),
		page: (kind, options) => store.page(kind, { ...options, name: optional(options.name, name) }),
		windows: (monitor, limit) => store.windows(name(monitor), limit),
		count: (kind, options) => store.count(kind, options),
		recall: (kind, memo) => store.recall(kind, name(memo)),
		moveAlias: (model, alias, version, options) =>
			store.moveAlias(name(model), name(alias), version, {
				...options,
				actor: personText(options.actor),
				...(options.reason === undefined ? {} : { reason: personText(options.reason) }),
			}),
		alias: (model, alias) => store.alias(name(model), name(alias)),
		aliases: (model) => store.aliases(name(model)),
		aliasHistory: (model, alias, asked) => store.aliasHistory(name(model), optional(alias, name), asked),
		aliasAt: (model, alias, at) => store.aliasAt(name(model), name(alias), at),
		policy: (model) => store.policy(name(model)),
		setPolicy: (model, policy, actor, reason) => store.setPolicy(name(model), policy, personText(actor), optional(reason, personText)),
		archive: (model, version, actor, reason) => store.archive(name(model), version, personText(actor), optional(reason, personText)),
		archived: (model) => store.archived(name(model)),
		createApproval: (request) => store.createApproval({ ...wellFormedJson(request), approvers: request.approvers.map(personText) }),
		decideApproval: (id, decision, by, comment) => store.decideApproval(id, decision, personText(by), optional(comment, personText)),
		audit: (event) =>
			store.audit({
				actor: personText(event.actor),
				action: columnText(event.action),
				subject: name(event.subject),
				...(event.details === undefined ? {} : { details: detailsOf(event.details) }),
			}),
		auditLog: (options) =>
			store.auditLog(options && { ...options, subject: optional(options.subject, name), actor: optional(options.actor, personText) }),
	};
}
