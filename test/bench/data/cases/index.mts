import type { Case } from '../contract.mts';
import { ingest } from './ingest.mts';

export const CASES: readonly Case[] = [ingest];
