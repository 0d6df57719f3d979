import { cloudOptions } from '../../../lib/server/clouds.js';
import { FRUIT, served, type Served } from './served.js';

const AIP = {
	AIP_HTTP_PORT: '8081',
	AIP_HEALTH_ROUTE: '/v1/endpoints/7/deployedModels/3',
	AIP_PREDICT_ROUTE: '/v1/endpoints/7/deployedModels/3:predict',
};

async function servedWith(env: Record<string, string>): Promise<Served> {
	const before = { ...process.env };
	Object.assign(process.env, env);
	try {
		return await served({ keys: true });
	} finally {
		for (const name of Object.keys(env)) delete process.env[name];
		Object.assign(process.env, before);
	}
}

it('answers at the paths that Vertex AI names, without a key, and nowhere else without one', async () => {
	const server = await servedWith(AIP);
	expect((await server.get(AIP.AIP_HEALTH_ROUTE)).status).toBe(200);
	const { json, headers } = await server.post(AIP.AIP_PREDICT_ROUTE, {
		instances: [FRUIT, { ...FRUIT, extra: 1 }],
		parameters: { reasons: 1 },
	});
	const { prediction, probabilities } = server.models.fruit.predictor.answer(FRUIT, 0);
	const one = {
		prediction,
		'probability no': probabilities!.no,
		'probability yes': probabilities!.yes,
		reasons: [expect.anything() as object],
	};
	expect(json).toEqual({ predictions: [one, one] });
	expect(headers.get('x-mlops-ignored-columns')).toBe('extra');
	for (const path of ['/invocations', '/v1/models/fruit:predict', '/v2/models/fruit/infer'])
		expect((await server.post(path, { instances: [FRUIT] })).status).toBe(401);
	for (const [body, says] of [
		[{ parameters: {} }, /list "instances"/],
		[{ instances: [{ ...FRUIT, days: 'x' }] }, /^"days" should be a number, not "x"/],
		[{ instances: [3] }, /Row 1 of "instances"/],
		[{ instances: [FRUIT], parameters: { confidence: 1 } }, /"confidence", which means nothing here/],
	] as const)
		expect(await server.post(AIP.AIP_PREDICT_ROUTE, body)).toMatchObject({
			status: 400,
			json: { error: expect.stringMatching(says) as string },
		});
	await server.close();
});

it.each(['/v1/models/fruit:predict', '/invocations'])('shares %s with another door where Vertex AI is told to ask there', async (path) => {
	const server = await servedWith({ AIP_HEALTH_ROUTE: '/ping', AIP_PREDICT_ROUTE: path });
	expect((await server.get('/ping')).status).toBe(200);
	expect(await server.post(path, { instances: [FRUIT] })).toMatchObject({ status: 200, json: { predictions: [{}] } });
	await server.close();
});

it('SageMaker asks without a key at /invocations alone', async () => {
	const server = await servedWith({ MLOPS_PLATFORM: 'sagemaker' });
	expect((await server.post('/invocations', { instances: [FRUIT] })).status).toBe(200);
	expect((await server.post('/v1/models/fruit/predict', { row: FRUIT })).status).toBe(401);
	await server.close();
	const plain = await served({ keys: true });
	expect(await plain.post('/invocations', { instances: [FRUIT] })).toMatchObject({ status: 401, json: { error_code: 'BAD_REQUEST' } });
	expect((await plain.post('/predict', { instances: [FRUIT] })).status).toBe(404);
	await plain.close();
});

it.each<[Record<string, string>, object]>([
	[{}, {}],
	[AIP, { host: '0.0.0.0', port: 8081 }],
	[{ AIP_HTTP_PORT: '7080' }, { host: '0.0.0.0', port: 7080 }],
	[{ SAGEMAKER_BIND_TO_PORT: '9000' }, { host: '0.0.0.0', port: 9000 }],
	[
		{ MLOPS_PLATFORM: 'sagemaker', PORT: '1' },
		{ host: '0.0.0.0', port: 8080 },
	],
	[{ PORT: '3000' }, { host: '0.0.0.0', port: 3000 }],
])('variables %j say where to listen', (env, wanted) => {
	expect(cloudOptions(env)).toEqual(wanted);
});

it.each([
	[{ AIP_HTTP_PORT: 'http' }, /AIP_HTTP_PORT holds no port/],
	[{ PORT: '99999' }, /PORT holds no port/],
	[{ AIP_PREDICT_ROUTE: 'predict' }, /AIP_PREDICT_ROUTE holds no path/],
	[{ AIP_HEALTH_ROUTE: '/*' }, /AIP_HEALTH_ROUTE holds no path/],
	[{ MLOPS_PLATFORM: 'moon' }, /names no platform/],
])('variables %j are refused', (env, says) => {
	expect(() => cloudOptions(env)).toThrow(says);
});
