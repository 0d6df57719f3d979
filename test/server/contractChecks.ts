import { pythonEnvironment } from '../pythonEnvironment.js';

/** Programs of others that hold an OpenAPI document, and a server against it. */
export const contractChecks = pythonEnvironment('openapi-checks-1', ['schemathesis==4.32.5', 'openapi-spec-validator==0.9.0']);
