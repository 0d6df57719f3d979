import type { Door } from '../contract.js';
import { mlflow } from './mlflow.js';
import { oip } from './oip.js';
import { own } from './own.js';
import { tfserving } from './tfserving.js';
import { vertex } from './vertex.js';

/** Every protocol that the server speaks. Vertex AI comes last: it may be told to ask at an address of the others. */
export const doors: readonly Door[] = [own, oip, tfserving, mlflow, vertex];
