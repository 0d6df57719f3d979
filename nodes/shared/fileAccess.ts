import type { IExecuteFunctions } from 'n8n-workflow';
import type { IsBlocked } from '../../lib/app/allowedFiles.js';

type ResolvedFilePath = Parameters<IExecuteFunctions['helpers']['isFilePathBlocked']>[0];

/** Whether n8n lets nodes read a place; it is asked about paths without links. */
export const fileAccess =
	(functions: IExecuteFunctions): IsBlocked =>
	(path) =>
		functions.helpers.isFilePathBlocked(path as ResolvedFilePath);
