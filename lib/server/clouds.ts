import { MlopsError } from '../domain/errors.js';
import type { ServeOptions } from '../domain/serveOptions.js';
import { cutText } from '../domain/text.js';

/** What a platform that runs the server in a container says to it, by variables of its own. */
export interface Cloud {
	/** Where it wants to be answered. */
	port: number;
	/**
	 * The path at which the platform itself asks. It lets nobody in whom it has not checked, and has no way to send a key of ours: this path
	 * alone, and the health paths, ask for none.
	 */
	predictPath: string;
	healthPath?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Vertex AI's own paths where its variables are there, but not those. */
const VERTEX = { port: '8080', health: '/health', predict: '/predict' };

/**
 * The platform that these variables are of, if any: the only place where they are read. SageMaker has none that is always there, so
 * that `MLOPS_PLATFORM=sagemaker` says it.
 * @throws `input.invalid` where a variable holds what it cannot mean
 */
export function cloudOf(env: Environment): Cloud | undefined {
	const { AIP_HTTP_PORT, AIP_HEALTH_ROUTE, AIP_PREDICT_ROUTE, SAGEMAKER_BIND_TO_PORT, MLOPS_PLATFORM } = env;
	if (MLOPS_PLATFORM !== undefined && MLOPS_PLATFORM !== 'sagemaker')
		throw new MlopsError('input.invalid', 'MLOPS_PLATFORM names no platform that is known.', {
			expected: 'sagemaker; other platforms are known by their own variables',
			found: cutText(MLOPS_PLATFORM, 60),
		});
	if (AIP_HTTP_PORT ?? AIP_HEALTH_ROUTE ?? AIP_PREDICT_ROUTE)
		return {
			port: portOf('AIP_HTTP_PORT', AIP_HTTP_PORT ?? VERTEX.port),
			healthPath: pathOf('AIP_HEALTH_ROUTE', AIP_HEALTH_ROUTE ?? VERTEX.health),
			predictPath: pathOf('AIP_PREDICT_ROUTE', AIP_PREDICT_ROUTE ?? VERTEX.predict),
		};
	if (SAGEMAKER_BIND_TO_PORT ?? MLOPS_PLATFORM)
		return { port: portOf('SAGEMAKER_BIND_TO_PORT', SAGEMAKER_BIND_TO_PORT ?? '8080'), predictPath: '/invocations' };
	return undefined;
}

/** What the platform decides of a server's options; what a person said goes before it. */
export function cloudOptions(env: Environment): Partial<Pick<ServeOptions, 'port' | 'host'>> {
	const cloud = cloudOf(env);
	// PORT is Knative's, and with it KServe's and Cloud Run's; our own container sets it, too.
	const port = cloud ? cloud.port : env.PORT && portOf('PORT', env.PORT);
	return port ? { host: '0.0.0.0', port } : {};
}

function portOf(name: string, text: string): number {
	const port = Number(text);
	if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
	throw new MlopsError('input.invalid', `The variable ${name} holds no port.`, {
		expected: 'a number from 1 to 65535',
		found: cutText(text, 60),
	});
}

function pathOf(name: string, text: string): string {
	// Signs that routers read as patterns would make another path of it.
	if (/^\/[A-Za-z0-9_.~\-/:@%]*$/.test(text)) return text;
	throw new MlopsError('input.invalid', `The variable ${name} holds no path.`, {
		expected: 'a path such as /predict',
		found: cutText(text, 60),
	});
}
