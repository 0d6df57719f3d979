import { MlopsError } from '../../domain/errors.js';
import type { FitContext } from '../contract.js';
import { costText, dayText, ranked, secondsText, type Measured, type Work } from './backendCosts.js';
import { candidates, measuredBackends, unusableText, type Known } from './measuredBackends.js';
import { openBackend, type Backend, type BackendId } from './tensorBackends.js';

/**
 * Operations of a whole training below which nothing else is looked at: WebAssembly is done with it in a few seconds, which opening and
 * measuring another backend take as well. What such a training learns depends on no measurement.
 */
export const WORTH_A_LOOK = 1e10;

/** Who hears of what is done. */
type Telling = Pick<FitContext, 'note' | 'progress'>;

export interface Choice {
	backend: Backend;
	/** Why this one, for people; goes on after "on webgpu: ". */
	why: string;
}

/**
 * Opens the backend for a training: the one that was asked for, else the one that would be done first by what was measured on this machine.
 * @throws `learn.backend_missing` saying what to install, when one was asked for by name
 */
export async function chooseBackend(wanted: 'auto' | BackendId, work: Work, telling: Telling): Promise<Choice> {
	if (wanted !== 'auto') return { backend: await openBackend(wanted), why: 'as was asked for' };
	const others = candidates();
	if (others.length === 0) return await brought('no other backend is installed here', telling);
	if (work.operations < WORTH_A_LOOK)
		return await brought(`so little work that opening another backend (${others.join(', ')}) would not pay`, telling);
	telling.progress({ stage: 'Looking which backend is fastest here' });
	const known = await measuredBackends(others, [work.kind]);
	// Where nothing else can be used there is nothing to compare with.
	const own = known.measured.length ? await measuredBackends(['wasm'], [work.kind]) : { measured: [], unusable: [] };
	return await fastest(
		work,
		{
			measured: [...known.measured, ...own.measured],
			unusable: [...known.unusable, ...own.unusable],
			forgotten: known.forgotten ?? own.forgotten,
		},
		telling,
	);
}

/** Opens the backend that would be done first with this work by what is known; those that do not open are said. */
export async function fastest(work: Work, known: Known, telling: Telling): Promise<Choice> {
	const order = ranked(known.measured, work);
	// As while another process measures it: a backend that was compared with nothing is not taken for that.
	if (order.length > 0 && !order.some(({ measured }) => measured.id === 'wasm'))
		return await brought(`there was nothing to compare ${order[0].measured.id} with.${unusableText(known, ' ')}`, telling);
	const failed: string[] = [];
	for (const { measured, seconds } of order) {
		// What comes with the package is opened below, by what is said where it cannot be.
		if (measured.id === 'wasm') break;
		try {
			return { backend: await openBackend(measured.id), why: whyMeasured(work, order, { measured, seconds }, known) };
		} catch (thrown) {
			failed.push(MlopsError.from(thrown).message);
		}
	}
	const own = order.find(({ measured }) => measured.id === 'wasm');
	const why =
		own && order.length > 1 ? whyMeasured(work, order, own, known) : `no other backend can be used here.${unusableText(known, ' ')}`;
	return await brought([why, ...failed].join(' '), telling);
}

/** WebAssembly, or plain JavaScript where that does not run. */
async function brought(why: string, { note }: Telling): Promise<Choice> {
	try {
		return { backend: await openBackend('wasm'), why };
	} catch (thrown) {
		note(
			'learn.backend_fallback',
			`WebAssembly could not be used (${MlopsError.from(thrown).message}); the network is trained in plain JavaScript, which is slower.`,
		);
		return { backend: await openBackend('cpu'), why: 'WebAssembly could not be used' };
	}
}

function whyMeasured(
	{ kind }: Work,
	order: ReturnType<typeof ranked>,
	{ measured, seconds }: { measured: Measured; seconds: number },
	known: Known,
): string {
	const others = order.filter((one) => one.measured.id !== measured.id);
	const against = others.map((one) => `${secondsText(one.seconds)} on ${one.measured.id}`).join(' and ');
	const speeds = order.map((one) => {
		const cost = one.measured.costs.find((c) => c.kind === kind)!;
		return `${one.measured.id} on ${dayText(one.measured.at)}: ${costText(cost)}`;
	});
	return (
		`such a training was expected to take ${[`${secondsText(seconds)} there`, ...(against ? [against] : [])].join(' and ')}, by what was ` +
		`measured on this machine (${speeds.join('; ')}).${unusableText(known, ' ')} ` +
		'Another machine may choose otherwise: "Compute on" settles it.'
	);
}

/** What a network was trained on, why, and how fast it was. */
export function trainedText({ backend, why }: Choice, rows: number, seconds: number): string {
	const speed = rows > 0 && seconds > 0 ? `, about ${Number((rows / seconds).toPrecision(2)).toLocaleString('en')} rows a second` : '';
	return `Networks were trained on ${backend.id}${speed}: ${why}${why.endsWith('.') ? '' : '.'}`;
}
