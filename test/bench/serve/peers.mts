// Other programs that serve a model: how each is installed, started and asked, in the form that it is fastest in.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');
/** All that this benchmark fetches and makes; ignored by git. */
export const home = path.join(root, '.peers/serve');
const here = (file: string) => path.join(import.meta.dirname, file);

/** Rows to ask about, as the model's own package reads them, as LightGBM's numbers, and what LightGBM answers. */
export interface Questions {
	lightgbm: string;
	rows: Array<Record<string, string | number>>;
	codes: number[][];
	answers: number[];
}

/** A program, ready to be started. */
export interface Start {
	command: string;
	args: string[];
	cwd?: string;
	env?: Record<string, string>;
}

/** A server of the benchmark. */
export interface Side {
	id: string;
	version: string;
	start(port: number): Start;
	/** Address and body that ask about some of the questions, by their numbers. */
	address: string;
	headers?: Record<string, string>;
	body(questions: Questions, numbers: readonly number[]): unknown;
	/** Probabilities in the order of the rows. */
	read(answer: unknown): number[];
}

interface Peer {
	packages: readonly string[];
	/** The package whose version is told. */
	versionOf: string;
	side(python: string, model: string): Omit<Side, 'id' | 'version'>;
}

/** One process and one thread of trees each: what they do beside each other is not compared, and threads only cost them time on few rows. */
const ONE = { OMP_NUM_THREADS: '1' };

const PYTHON: Record<string, Peer> = {
	mlserver: {
		packages: ['mlserver==1.7.1', 'mlserver-lightgbm==1.7.1', 'lightgbm==4.7.0'],
		versionOf: 'mlserver',
		side: (python, model) => ({
			address: '/v2/models/trees/infer',
			start(port) {
				const cwd = path.join(home, 'data/mlserver');
				fs.mkdirSync(cwd, { recursive: true });
				const settings = {
					host: '127.0.0.1',
					http_port: port,
					grpc_port: port + 1,
					metrics_port: port + 2,
					debug: false,
					parallel_workers: 0,
				};
				fs.writeFileSync(path.join(cwd, 'settings.json'), JSON.stringify(settings));
				const own = { name: 'trees', implementation: 'mlserver_lightgbm.LightGBMModel', parameters: { uri: model } };
				fs.writeFileSync(path.join(cwd, 'model-settings.json'), JSON.stringify(own));
				return { command: python, args: ['-c', 'from mlserver.cli import main; main()', 'start', cwd], cwd, env: ONE };
			},
			body: ({ codes }, numbers) => ({
				inputs: [{ name: 'x', shape: [numbers.length, codes[0].length], datatype: 'FP64', data: numbers.flatMap((i) => codes[i]) }],
			}),
			read: (answer) => (answer as { outputs: Array<{ data: number[] }> }).outputs[0].data,
		}),
	},
	kserve: {
		packages: ['kserve==0.21.0', 'lightgbm==4.7.0'],
		versionOf: 'kserve',
		side: (python, model) => ({
			address: '/v1/models/trees:predict',
			start: (port) => ({ command: python, args: [here('kserve_server.py'), model, String(port)], env: ONE }),
			body: ({ codes }, numbers) => ({ instances: numbers.map((i) => codes[i]) }),
			read: (answer) => (answer as { predictions: number[] }).predictions,
		}),
	},
	mlflow: {
		packages: ['mlflow==3.17.2', 'lightgbm==4.7.0'],
		versionOf: 'mlflow',
		side: (python, model) => ({
			address: '/invocations',
			start(port) {
				const folder = path.join(home, 'data/mlflow');
				if (!fs.existsSync(path.join(folder, 'MLmodel'))) checked(python, [here('mlflow_model.py'), model, folder]);
				const args = ['-m', 'mlflow', 'models', 'serve', '-m', folder, '-h', '127.0.0.1', '-p', String(port), '--env-manager', 'local'];
				return { command: python, args: [...args, '--workers', '1'], env: { ...ONE, PATH: `${path.dirname(python)}:${process.env.PATH}` } };
			},
			body: ({ codes }, numbers) => ({ inputs: numbers.map((i) => codes[i]) }),
			read: (answer) => (answer as { predictions: number[] }).predictions,
		}),
	},
};

/** Ids of the peers, the bare server of Node last. */
export const PEERS = [...Object.keys(PYTHON), 'echo'];

/** A server of Node that reads our requests and writes them back. */
export const echo: Side = {
	id: 'echo',
	version: process.version,
	address: '/',
	start: (port) => ({ command: process.execPath, args: [here('echo.mts'), String(port)] }),
	body: ({ rows }, numbers) => (numbers.length === 1 ? { row: rows[numbers[0]] } : { rows: numbers.map((i) => rows[i]) }),
	read: () => [],
};

/** Runs a program to its end. @throws Error with the end of what it said */
function checked(command: string, args: readonly string[]): string {
	const { status, stdout, stderr, error } = spawnSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
	if (status !== 0) throw new Error(`${path.basename(command)} ${args.join(' ')} failed: ${error?.message ?? stderr.trim().slice(-500)}`);
	return stdout;
}

/** The Python of an environment of its own, which is made once. */
function python(id: string, packages: readonly string[] = PYTHON[id].packages): string {
	const folder = path.join(home, id);
	const binary = path.join(folder, 'bin/python');
	const done = path.join(folder, 'installed');
	const wanted = packages.join('\n');
	if (fs.existsSync(done) && fs.readFileSync(done, 'utf8') === wanted) return binary;
	fs.rmSync(folder, { recursive: true, force: true });
	process.stderr.write(`Installing ${id} into .peers/serve (once) ...\n`);
	checked(process.env.PYTHON ?? 'python3', ['-m', 'venv', folder]);
	checked(binary, ['-m', 'pip', 'install', '-q', ...packages]);
	fs.writeFileSync(done, wanted);
	return binary;
}

/** Installs what is asked for. Returns the Python of each peer; one that cannot be installed is said by name and left out. */
export function install(ids: readonly string[]): Map<string, string> {
	const found = new Map<string, string>();
	for (const id of ids.filter((i) => Object.hasOwn(PYTHON, i))) {
		try {
			found.set(id, python(id));
		} catch (error) {
			process.stderr.write(`${id} is left out, it cannot be installed: ${(error as Error).message}\n`);
		}
	}
	return found;
}

/** The peer as a side of the benchmark. */
export function sideOf(id: string, binary: string): Side {
	const { side, versionOf } = PYTHON[id];
	const version = checked(binary, ['-c', `import importlib.metadata as m; print(m.version('${versionOf}'))`]).trim();
	return { id, version, ...side(binary, path.join(home, 'data/model.txt')) };
}

/** The table, the model and the questions, made once by LightGBM's own Python. @throws Error where that cannot be installed */
export function questions(): Questions {
	const file = path.join(home, 'data/questions.json');
	if (!fs.existsSync(file)) checked(python('lightgbm', ['lightgbm==4.7.0', 'pandas<3']), [here('model.py'), path.join(home, 'data')]);
	return JSON.parse(fs.readFileSync(file, 'utf8')) as Questions;
}
