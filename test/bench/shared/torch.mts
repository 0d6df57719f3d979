import path from 'node:path';
import { root } from '../../../scripts/build/paths.mts';
import { pythonWith } from './python.mts';

export const TORCH = '2.15.0';

/** A Python with PyTorch, of which all benchmarks of networks have one together. @throws Error where it cannot be fetched */
export const pythonWithTorch = (say: (text: string) => void): string =>
	pythonWith(path.join(root, '.peers/learn/python'), ['numpy', `torch==${TORCH}`], say);
