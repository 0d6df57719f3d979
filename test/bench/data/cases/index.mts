import type { Case } from '../contract.mts';
import { ingest } from './ingest.mts';
import { linear } from './linear.mts';
import { recipe, recipeRow } from './recipe.mts';

export const CASES: readonly Case[] = [ingest, recipe, recipeRow, linear];
