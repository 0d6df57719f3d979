import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { predictRows } from '../../lib/app/predictRows.js';
import { resolveVersion } from '../../lib/app/modelReference.js';
import { openStore } from '../../lib/store/openStore.js';

const DIST = join(__dirname, '..', '..', 'dist');
const KILLS = 50;
const PENGUIN = {
	Island: 'Biscoe',
	'Beak Length (mm)': 47,
	'Beak Depth (mm)': 15,
	'Flipper Length (mm)': 215,
	'Body Mass (g)': 5000,
	Sex: 'MALE',
};

interface Driver {
	process: ChildProcess;
	ready: Promise<void>;
	deployed(): number;
	failures: string[];
	gone: Promise<unknown>;
}

function start(home: string, first: number): Driver {
	const child = spawn(
		process.execPath,
		['--disable-warning=ExperimentalWarning', join(__dirname, 'driver.mts'), home, DIST, String(first)],
		{ stdio: ['ignore', 'pipe', 'inherit'] },
	);
	let deployed = 0;
	const failures: string[] = [];
	let setReady = (): void => {};
	const ready = new Promise<void>((resolve) => {
		setReady = resolve;
	});
	createInterface({ input: child.stdout }).on('line', (line) => {
		const [word, value] = line.split(' ');
		if (word === 'ready') setReady();
		if (word === 'deployed') deployed = Number(value);
		if (word === 'failed') failures.push(value);
	});
	const gone = new Promise((resolve) => {
		child.once('exit', resolve);
	});
	return { process: child, ready, deployed: () => deployed, failures, gone };
}

/** The compute process of a driver, while it has one. */
function computeChild(pid: number): number | undefined {
	try {
		return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/)[0]) || undefined;
	} catch {
		return undefined;
	}
}

/** Numbers in [0, 1) that are the same in each run of the tests; what they hit is up to the machine. */
function randomNumbers(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state / 2 ** 32;
	};
}

it('whatever is killed at whatever moment, the store opens, verifies, and the last champion answers', async () => {
	const home = mkdtempSync(join(tmpdir(), 'mlops-kills-'));
	const random = randomNumbers(20261);
	let driver = start(home, 0);
	let kills = 0;
	let children = 0;
	let last = 1;
	const failures: string[] = [];
	try {
		// Moments are spread over the time that one round takes here, so that some fall into each part of it.
		const from = performance.now();
		while (driver.deployed() < 1) {
			if (driver.failures.length > 3) throw new Error(`Nothing is deployed: ${driver.failures.join(', ')}`);
			await sleep(20);
		}
		const round = Math.min(performance.now() - from, 5_000);
		for (; kills < KILLS; kills++) {
			await driver.ready;
			const ofChild = random() < 0.5;
			await sleep(random() * round * 1.3);
			const child = ofChild ? computeChild(driver.process.pid!) : undefined;
			last = Math.max(last, driver.deployed());
			if (child) {
				process.kill(child, 'SIGKILL');
				children++;
			} else {
				driver.process.kill('SIGKILL');
				await driver.gone;
				last = Math.max(last, driver.deployed());
				failures.push(...driver.failures);
			}
			await check(home, last);
			if (!child) driver = start(home, (kills + 1) * 100);
		}
	} finally {
		driver.process.kill('SIGKILL');
		await driver.gone;
		failures.push(...driver.failures);
	}
	// The store after the last kill of all, and nothing but the killed jobs failed on the way.
	await check(home, last);
	rmSync(home, { recursive: true, force: true });
	process.stdout.write(`${kills} kills (${children} of compute processes), ${last} versions deployed\n`);
	expect(new Set(failures.filter((code) => code !== 'compute.task_died'))).toEqual(new Set());
}, 500_000);

/** `atLeast`: a version that was said to be deployed stays so. */
async function check(home: string, atLeast: number): Promise<void> {
	const store = await openStore({ kind: 'folder', home });
	try {
		await store.verify();
		const champion = await resolveVersion(store, { name: 'penguins', alias: 'champion' });
		expect(champion.version).toBeGreaterThanOrEqual(atLeast);
		await store.artifacts.get(champion.body.digest);
		const [result] = await predictRows(store, { name: 'penguins', version: champion.version, digest: champion.body.digest }, [PENGUIN], {
			reasons: 0,
			log: true,
		});
		expect(result).toMatchObject({ answer: { prediction: expect.stringMatching(/Adelie|Chinstrap|Gentoo/) } });
	} finally {
		await store.close();
	}
}
