import type { Case } from '../contract.mts';
import { ingest } from './ingest.mts';
import { linear } from './linear.mts';
import { recipe, recipeDanfojs, recipeRow } from './recipe.mts';

export const CASES: readonly Case[] = [ingest, recipe, recipeRow, recipeDanfojs, linear];
