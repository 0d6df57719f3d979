import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { python, withoutMlflow } from '../../export/python.js';
import { pythonEnvironment } from '../../pythonEnvironment.js';
import { FRUIT, served, type Served } from './served.js';

const triton = pythonEnvironment('tritonclient-2.73.0', ['tritonclient[http]==2.73.0', 'numpy==2.4.6']);
const SECOND = { weight: null, days: 7, Colour: 'Größe, "gelb"', since: null, ripe: false };

let server: Served;
beforeAll(async () => {
	server = await served();
});
afterAll(async () => await server.close());

const address = (): string => new URL(server.url).host;
const answers = (...rows: object[]) => rows.map((row) => server.models.fruit.predictor.answer(row as Record<string, unknown>, 1));
const inColumns = (...rows: object[]): object => {
	const all = answers(...rows);
	return {
		prediction: all.map((a) => a.prediction),
		'probability no': all.map((a) => a.probabilities!.no),
		'probability yes': all.map((a) => a.probabilities!.yes),
	};
};
const skipped = (missing: string | undefined, what: string): boolean => {
	if (missing) process.stderr.write(`Not run, since ${missing}: ${what}\n`);
	return missing !== undefined;
};

it('tritonclient 2.73.0 looks, asks in binary and in JSON, and is told what is wrong', async () => {
	if (skipped(await triton.missing(), "Triton's own client")) return;
	const { stdout } = await promisify(execFile)(triton.python, [join(__dirname, 'triton.py'), address()]);
	const said = JSON.parse(stdout) as Record<string, unknown>;
	const price = server.models.price.predictor;
	expect(said).toMatchObject({
		live: true,
		ready: true,
		models: [true, true, false, false],
		server: { name: 'n8n-nodes-mlops', extensions: ['binary_tensor_data'] },
		metadata: { name: 'fruit', versions: ['1', '2'], inputs: [{ name: 'weight', datatype: 'FP64', shape: [-1] }, {}, {}, {}, {}] },
		binary: inColumns(FRUIT, SECOND),
		id: 'mine',
		version: '1',
		json: inColumns(FRUIT, { ...SECOND, weight: 1.5 }),
		classes: [FRUIT, SECOND].map((row) => server.models.grade.predictor.answer(row, 0).prediction),
		matrix: [price.answer({ a: 1, b: 2, c: 3 }, 0), price.answer({ a: 40.5, b: 9, c: 6 }, 0)].map((a) => a.prediction),
		none: [],
		reasons: answers(FRUIT, SECOND).map((a) => a.reasons),
		unknown: { status: '404', message: expect.stringMatching(/No model called "nobody"/) as string },
		unreadable: { status: '400', message: expect.stringMatching(/^Row 1: "weight" should be a number, not "heavy"/) as string },
		lacking: { status: '400', message: expect.stringMatching(/lacks the column "weight"/) as string },
	});
}, 400_000);

it("MLflow 3.17.2's client of its scoring server gets tables back, from every form that it sends", async () => {
	if (skipped(await withoutMlflow(), "MLflow's own client")) return;
	const said = await python<Record<string, unknown>>(join(__dirname, 'scoring.py'), [address(), JSON.stringify([FRUIT, SECOND])]);
	const rows = answers(FRUIT, SECOND).map((a) => [a.prediction, a.probabilities!.no, a.probabilities!.yes]);
	expect(said).toMatchObject({
		version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
		columns: ['prediction', 'probability no', 'probability yes'],
		table: rows,
		records: rows,
		lists: [],
		array: rows,
		reasons: answers(FRUIT, SECOND).map((a) => a.reasons),
		lacking: expect.stringMatching(/error code 400.*lacks the column/) as string,
		unreadable: expect.stringMatching(/error code 400.*Row 1: .*since.* should be a date/) as string,
	});
}, 400_000);

it("MLflow 3.17.2's client of deployments asks each model by its name", async () => {
	if (skipped(await withoutMlflow(), "MLflow's client of deployments")) return;
	const said = await python<Record<string, unknown>>(join(__dirname, 'deployments.py'), [server.url, JSON.stringify([FRUIT, SECOND])]);
	const rows = answers(FRUIT, SECOND).map((a) => [a.prediction, a.probabilities!.no, a.probabilities!.yes]);
	expect(said).toMatchObject({
		table: rows,
		price: { predictions: [{ prediction: server.models.price.predictor.answer({ a: 1, b: 2, c: 3 }, 0).prediction }] },
		endpoints: ['fruit', 'grade', 'price.v2', 'odd'].map((name) => ({ name, endpoint_url: `${server.url}/endpoints/${name}/invocations` })),
		one: { name: 'fruit', model: { name: 'fruit', provider: 'n8n-nodes-mlops' } },
		nobody: expect.stringMatching(/404 .*No model called .*nobody/) as string,
		unreadable: expect.stringMatching(/400 .*weight.* should be a number, not .*heavy/) as string,
	});
}, 400_000);
