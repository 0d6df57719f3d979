// @ts-check
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { fieldsOf } from './fields.js';
import { answerParts, curlLine, element, plain } from './show.js';

const REASONS = 5;
/** Beyond this many models the list has a field to find one. */
const FEW = 8;
const STORED = 'mlops.key';

/** @template {HTMLElement} T @param {string} id @returns {T} */
const byId = (id) => /** @type {T} */ (document.getElementById(id));
const keyField = /** @type {HTMLInputElement} */ (byId('key'));
const place = /** @type {HTMLSelectElement} */ (byId('place'));
const find = /** @type {HTMLInputElement} */ (byId('find'));
const rowForm = /** @type {HTMLFormElement} */ (byId('row'));
const result = byId('result');

/** A failure that the server told in its own form. */
class Refusal extends Error {
	/** @param {number} status @param {any} error */
	constructor(status, error) {
		super(error?.message ?? `The server answered ${status}.`);
		this.status = status;
		this.error = error ?? {};
	}
}

/** @param {string} path @param {unknown} [body] */
async function ask(path, body) {
	const key = sessionStorage.getItem(STORED);
	const response = await fetch(new URL(path, location.href), {
		method: body === undefined ? 'GET' : 'POST',
		headers: {
			...(key ? { Authorization: `Bearer ${key}` } : {}),
			...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
		},
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
		cache: 'no-store',
	}).catch(() => {
		throw new Error('The server does not answer.');
	});
	const answer = await response.json().catch(() => undefined);
	if (!response.ok) throw new Refusal(response.status, answer?.error);
	return answer;
}

/** Says something instead of, or above, the model. @param {unknown} thrown */
function say(thrown) {
	const message = byId('message');
	message.className = thrown ? 'bad' : '';
	if (thrown instanceof Refusal && thrown.status === 401) {
		message.textContent = keyField.value
			? `${plain(thrown.message)} Enter another key above.`
			: 'This server asks for an API key: enter yours above. Keys are made with "mlops key make".';
		keyField.focus();
		return;
	}
	const remedy = thrown instanceof Refusal && thrown.error.remedy ? ` ${thrown.error.remedy}` : '';
	message.textContent = thrown instanceof Error ? plain(thrown.message + remedy) : '';
}

/** Names with all signs as one part of an address. @param {string} text */
const part = (text) => encodeURIComponent(text.toWellFormed());
const modelPath = (/** @type {string} */ name) => `v1/models/${part(name)}`;

/** @type {any[]} */
let models = [];
/** What is shown: the model, where it is asked, and its form. @type {any} */
let current;
/** Counts choices, so that an answer that comes late is not shown for another model. */
let turn = 0;

async function start() {
	keyField.value = sessionStorage.getItem(STORED) ?? '';
	await listModels();
}

async function listModels() {
	const mine = ++turn;
	byId('model').hidden = true;
	byId('models').replaceChildren();
	try {
		const answer = await ask('v1/models');
		if (mine !== turn) return;
		models = answer.models;
	} catch (thrown) {
		say(thrown);
		return;
	}
	say(undefined);
	find.hidden = models.length <= FEW;
	drawList();
	if (models.length) await choose();
	else byId('message').textContent = 'No model is served here yet. MLOps Deploy registers one.';
}

const CHAMPION = 'champion';
/** Aliases first, the champion before all, then versions, the newest first. @param {any} model */
function placesOf(model) {
	const aliases = Object.entries(model.aliases).sort(([a], [b]) => Number(b === CHAMPION) - Number(a === CHAMPION) || (a < b ? -1 : 1));
	return [
		...aliases.map(([alias, version]) => ({
			value: `@${alias}`,
			path: alias === CHAMPION ? '' : `/aliases/${part(alias)}`,
			version: Number(version),
			text: `${alias} (version ${version})`,
		})),
		...[...model.versions]
			.sort((a, b) => b - a)
			.map((version) => ({ value: `:${version}`, path: `/versions/${version}`, version, text: `version ${version}` })),
	];
}

/** The model and the place that the address names; nothing where it cannot be read. */
function asked() {
	try {
		return decodeURIComponent(location.hash.slice(1)).split('\n');
	} catch {
		return [];
	}
}

function drawList() {
	const wanted = find.value.trim().toLowerCase();
	const shown = models.filter((m) => m.name.toLowerCase().includes(wanted));
	byId('models').replaceChildren(
		...shown.map((model) => {
			const [first] = placesOf(model);
			const link = element(
				'a',
				{ href: `#${part(model.name)}` },
				element('b', {}, model.name),
				element('span', {}, first?.text ?? 'no version'),
			);
			if (model.name === current?.model.name) link.setAttribute('aria-current', 'true');
			return element('li', {}, link);
		}),
		...(shown.length ? [] : [element('li', { class: 'soft' }, 'None is called so.')]),
	);
}

/** Shows what the address names, or the first. */
async function choose() {
	const [name, value] = asked();
	const model = models.find((m) => m.name === name) ?? models[0];
	const places = placesOf(model);
	const chosen = places.find((p) => p.value === value) ?? places[0];
	const mine = ++turn;
	if (!chosen) {
		byId('model').hidden = true;
		say(new Error(`No version of "${model.name}" can be asked.`));
		return;
	}
	current = { model, chosen };
	drawList();
	place.replaceChildren(...places.map((p) => element('option', { value: p.value, selected: p === chosen }, p.text)));
	result.replaceChildren();
	byId('name').textContent = plain(model.name);
	document.title = `${plain(model.name)} \u2013 Models`;
	try {
		const about = await ask(`${modelPath(model.name)}/versions/${chosen.version}/openapi.json`);
		if (mine !== turn) return;
		showForm(about);
		say(undefined);
		byId('model').hidden = false;
	} catch (thrown) {
		if (mine !== turn) return;
		byId('model').hidden = true;
		say(thrown);
	}
}

/** @param {any} about OpenAPI of this version */
function showForm(about) {
	const told = about['x-model'];
	const row = about.components.schemas[told.row];
	current.about = told;
	current.fields = fieldsOf(row, row.examples?.[0] ?? {});
	byId('answers').textContent = plain(told.answers);
	byId('fields').replaceChildren(...current.fields.map((/** @type {any} */ f) => f.box));
	drawCurl();
}

const rowNow = () => Object.fromEntries(current.fields.map((/** @type {any} */ f) => [f.name, f.read()]));
const predictPath = () => `${modelPath(current.model.name)}${current.chosen.path}/predict?reasons=${REASONS}`;

function drawCurl() {
	const address = new URL(predictPath(), location.href).href;
	byId('curl').textContent = curlLine(address, { row: rowNow() }, sessionStorage.getItem(STORED) !== null);
}

async function predict() {
	const mine = turn;
	const asker = current;
	for (const { input } of asker.fields) input.removeAttribute('aria-invalid');
	result.classList.add('old');
	const before = performance.now();
	/** @type {HTMLElement[]} */
	let parts;
	try {
		const row = rowNow();
		const answer = await ask(predictPath(), { row });
		const ms = Math.round(performance.now() - before);
		const by = [`${answer.model}, version ${answer.version}`, answer.alias, answer.arm && `arm ${answer.arm}`].filter(Boolean).join(', ');
		parts = [
			...answerParts(answer, asker.about, new Map(Object.entries(row))),
			element('p', { class: 'soft' }, `${by}. Request ${answer.requestId}, ${ms} ms.`),
		];
	} catch (thrown) {
		parts = [refused(/** @type {Error} */ (thrown), asker.fields)];
	}
	if (mine !== turn) return;
	result.classList.remove('old');
	result.replaceChildren(...parts);
	result.scrollIntoView({ block: 'nearest' });
}

/** @param {Error} thrown @param {any[]} fields */
function refused(thrown, fields) {
	const { remedy, column } = thrown instanceof Refusal ? thrown.error : /** @type {any} */ ({});
	const field = fields.find((f) => f.name === column);
	if (field) {
		field.input.setAttribute('aria-invalid', 'true');
		field.input.focus();
	}
	return element('p', { class: 'failure' }, [thrown.message, remedy].filter(Boolean).join(' '));
}

async function copy() {
	const text = byId('curl').textContent ?? '';
	const button = byId('copy');
	const tell = (/** @type {string} */ said) => {
		button.textContent = said;
		setTimeout(() => {
			button.textContent = 'Copy';
		}, 2_000);
	};
	try {
		await navigator.clipboard.writeText(text);
	} catch {
		// Where the page came without TLS from another machine, browsers offer the old way alone.
		const range = document.createRange();
		range.selectNodeContents(byId('curl'));
		getSelection()?.removeAllRanges();
		getSelection()?.addRange(range);
		if (!document.execCommand('copy')) return tell('Selected: copy it with the keyboard');
	}
	tell('Copied');
}

byId('key-form').addEventListener('submit', (event) => {
	event.preventDefault();
	const key = keyField.value.trim();
	if (key) sessionStorage.setItem(STORED, key);
	else sessionStorage.removeItem(STORED);
	void listModels();
});
rowForm.addEventListener('submit', (event) => {
	event.preventDefault();
	void predict();
});
rowForm.addEventListener('input', () => {
	drawCurl();
	result.classList.add('old');
});
// The fields get their values back after the browser has emptied them.
rowForm.addEventListener('reset', () => setTimeout(() => void choose()));
place.addEventListener('change', () => {
	location.hash = `${part(current.model.name)}${part(`\n${place.value}`)}`;
});
find.addEventListener('input', drawList);
byId('copy').addEventListener('click', () => void copy());
addEventListener('hashchange', () => void choose());
void start();
