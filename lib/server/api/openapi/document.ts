import { answersText } from './answer.js';
import { modelPaths, type Described } from './modelPaths.js';
import type { Schema } from './row.js';
import { serverPaths } from './serverPaths.js';
import { ref, sharedComponents } from './sharedComponents.js';

export interface DocumentOptions {
	/** Version of this package. */
	version: string;
	/** Models, or versions, that cannot answer now, with the reason. */
	left: ReadonlyArray<{ name: string; reason: string }>;
	/** What the document is about, where it is not the whole server. */
	title?: string;
	/** Whether addresses that are about no one model are described too. */
	whole?: boolean;
}

/** OpenAPI 3.1 of what the server answers to, with the schemas of each model's rows and answers made from its signature. */
export function openApiDocument(models: readonly Described[], { version, left, title, whole }: DocumentOptions): Schema {
	const shared = sharedComponents();
	const server = whole ? serverPaths() : { paths: {}, schemas: {} };
	const parts = models.map((described) => modelPaths(described));
	return {
		openapi: '3.1.0',
		info: {
			title: title ?? 'Models',
			version,
			description: [
				'Ask models for predictions. `GET /` is a page to try them in a browser.',
				OTHER_PROTOCOLS,
				...left.map(({ name, reason }) => `Not described, since it cannot answer now: ${name} (${reason})`),
			].join('\n\n'),
		},
		servers: [{ url: '/' }],
		tags: tagsOf(models),
		paths: Object.assign({}, ...parts.map((p) => p.paths), server.paths) as Schema,
		components: {
			...shared,
			schemas: Object.assign({}, shared.schemas, rowFailure, ...parts.map((p) => p.schemas), server.schemas) as Schema,
			parameters: {
				Reasons: {
					name: 'reasons',
					in: 'query',
					description: 'How many columns to name that moved each answer most.',
					schema: { type: 'integer', minimum: 0, maximum: 1000, default: 0 },
				},
				Key: {
					name: 'X-MLOps-Key',
					in: 'header',
					description: 'What the question is about (a customer, an order), where the body has no `key`; in UTF-8.',
					schema: { type: 'string', maxLength: 500 },
				},
				RequestId: {
					name: 'X-Request-Id',
					in: 'header',
					description:
						"The caller's own id of the request, where the body has no `requestId`: by it the truth may be told, too. " +
						'One that is longer is none.',
					schema: { type: 'string', maxLength: 500 },
				},
			},
		},
	};
}

/** What the server answers besides, which the protocols' own specifications describe. */
const OTHER_PROTOCOLS =
	'The same models also answer by protocols of others, which this document leaves to their own specifications: the ' +
	'[Open Inference Protocol V2](https://github.com/kserve/open-inference-protocol) (`/v2/...`), ' +
	"[TensorFlow Serving's REST API](https://www.tensorflow.org/tfx/serving/api_rest) (`/v1/models/{model}:predict`), " +
	"[MLflow's scoring server](https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/) (`/invocations`, `/endpoints/{model}/invocations`), which is also " +
	"[SageMaker's container contract](https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html) (`/ping`), and " +
	"[Vertex AI's](https://cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements).";

const rowFailure = {
	RowFailure: {
		type: 'object',
		required: ['id', 'error'],
		properties: { id: { type: 'string' }, error: ref('schemas', 'Error') },
		description: 'A row that could not be answered; the others are.',
	},
};

/** One tag a model, with what its versions answer. */
function tagsOf(models: readonly Described[]): Schema[] {
	const texts = new Map<string, Set<string>>();
	for (const { name, manifest } of models) texts.set(name, (texts.get(name) ?? new Set()).add(answersText(manifest)));
	return [...texts].map(([name, said]) => ({ name, description: [...said].join(' ') }));
}
