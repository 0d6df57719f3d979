import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { type AnySchema } from 'ajv';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import { Secret } from 'kubernetes-models/v1/Secret';
import { Service } from 'kubernetes-models/v1/Service';
import { parseAllDocuments } from 'yaml';

const ROOT = join(__dirname, '..', '..');
const FOLDER = join(ROOT, 'lib', 'server', 'container');
const KSERVE = join(ROOT, '..', 'shared', 'data', 'kserve-inferenceservice-v1beta1.schema.json');

interface Manifest {
	apiVersion: string;
	kind: string;
	metadata: { name: string };
}

/** The documents of a manifest. @throws where the YAML has errors, or a key stands twice */
function documents(file: string): Manifest[] {
	return parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8'), { strict: true, uniqueKeys: true }).map((document) => {
		if (document.errors.length) throw document.errors[0];
		return document.toJS() as Manifest;
	});
}

type Validated = { validate(): void };
const KINDS: Record<string, (manifest: never) => Validated> = {
	'apps/v1 Deployment': (manifest) => new Deployment(manifest),
	'policy/v1 PodDisruptionBudget': (manifest) => new PodDisruptionBudget(manifest),
	'v1 PersistentVolumeClaim': (manifest) => new PersistentVolumeClaim(manifest),
	'v1 Secret': (manifest) => new Secret(manifest),
	'v1 Service': (manifest) => new Service(manifest),
};
const manifests = documents('kubernetes.yaml');
const one = <T>(kind: string): T => manifests.find((manifest) => manifest.kind === kind) as T;

it.each(manifests.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const))(
	"the manifest %s is what Kubernetes' own types say",
	(_, manifest) => {
		KINDS[`${manifest.apiVersion} ${manifest.kind}`](manifest as never).validate();
		// Nothing is silently left out for a slip in its name, as the types alone allow.
		const slipped = { ...manifest, spec: { ...(manifest as unknown as { spec?: object }).spec, replicas: 'two' } };
		if (manifest.kind === 'Deployment') expect(() => new Deployment(slipped as never).validate()).toThrow(/replicas/);
	},
);

it('the parts of the plain manifests find each other by their names', () => {
	const { spec } = one<Deployment>('Deployment') as unknown as { spec: NonNullable<Deployment['spec']> };
	const [container] = spec.template.spec!.containers;
	const labels = spec.template.metadata!.labels;
	expect(spec.selector.matchLabels).toEqual(labels);
	expect(one<Service>('Service').spec!.selector).toEqual(labels);
	expect(one<PodDisruptionBudget>('PodDisruptionBudget').spec!.selector!.matchLabels).toEqual(labels);
	expect(container!.envFrom![0]!.secretRef!.name).toBe(one<Secret>('Secret').metadata!.name);
	const volumes = spec.template.spec!.volumes!;
	expect(volumes.find(({ name }) => name === 'artifacts')!.persistentVolumeClaim!.claimName).toBe(
		one<PersistentVolumeClaim>('PersistentVolumeClaim').metadata!.name,
	);
	expect(container!.volumeMounts!.map(({ name }) => name).sort()).toEqual(volumes.map(({ name }) => name).sort());
	expect(container!.volumeMounts!.map(({ mountPath }) => mountPath)).toContain(
		container!.env!.find(({ name }) => name === 'MLOPS_STORE_ARTIFACTS')!.value,
	);
	// SIGTERM comes after the pause; the server then takes up to 20 seconds for what it was asked, and a little for its log.
	expect(spec.template.spec!.terminationGracePeriodSeconds).toBeGreaterThan(5 + 20 + 10);
});

const kserve = existsSync(KSERVE) ? it : it.skip;
kserve(`the InferenceService is what KServe's schema says${existsSync(KSERVE) ? '' : ' (skipped: no schema in ../shared/data)'}`, () => {
	const schema = JSON.parse(readFileSync(KSERVE, 'utf8')) as Schema;
	const misfits = (manifest: unknown): unknown => {
		const ajv = new Ajv({ strict: false, allErrors: true });
		for (const format of ['int32', 'int64', 'double', 'quantity']) ajv.addFormat(format, true);
		const validate = ajv.compile(partFor(schema, manifest) as AnySchema);
		void validate(manifest);
		return validate.errors;
	};
	const [service, ...rest] = documents('kserve.yaml');
	expect(rest).toEqual([]);
	expect(misfits(service)).toBeNull();
	const slipped = structuredClone(service) as unknown as { spec: { predictor: { minReplica?: number; maxReplicas: unknown } } };
	slipped.spec.predictor.minReplica = 1;
	slipped.spec.predictor.maxReplicas = 'four';
	expect(misfits(slipped)).toMatchObject([
		{ instancePath: '/spec/predictor', params: { additionalProperty: 'minReplica' } },
		{ instancePath: '/spec/predictor/maxReplicas', params: { type: 'integer' } },
	]);
});

interface Schema {
	properties?: Record<string, Schema>;
	items?: Schema;
	additionalProperties?: unknown;
	[keyword: string]: unknown;
}

/**
 * The part of a schema that a value meets: the whole takes half a minute to compile. Objects take no field that the schema does not name,
 * as an API server drops those without a word.
 */
function partFor(schema: Schema, value: unknown): Schema {
	if (Array.isArray(value) && schema.items) return { ...schema, items: partFor(schema.items, Object.assign({}, ...(value as object[]))) };
	if (typeof value !== 'object' || value === null || !schema.properties) return schema;
	const met = Object.entries(value).filter(([name]) => schema.properties![name]);
	const properties = Object.fromEntries(met.map(([name, part]) => [name, partFor(schema.properties![name], part)]));
	const open = schema['x-kubernetes-preserve-unknown-fields'] === true || 'additionalProperties' in schema;
	return { ...schema, properties, ...(open ? {} : { additionalProperties: false }) };
}
