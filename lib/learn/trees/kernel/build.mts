// Builds kernel.wasm: writes the unrolled histogram loops, then compiles all with AssemblyScript.
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';

const folder = import.meta.dirname;
const asc = path.join(path.dirname(createRequire(import.meta.url).resolve('assemblyscript/package.json')), 'bin/asc.js');

await fs.writeFile(path.join(folder, 'assembly/histograms.ts'), histograms());
const made = path.join(folder, `kernel.${process.pid}.tmp.wasm`);
await promisify(execFile)(process.execPath, [
	asc,
	path.join(folder, 'assembly/index.ts'),
	'-o',
	made,
	'-O3',
	'--converge',
	'--noAssert',
	'--runtime',
	'stub',
	'--use',
	'abort=',
	'--enable',
	'simd',
	'--enable',
	'threads',
	'--enable',
	'bulk-memory',
	'--importMemory',
	'--sharedMemory',
	'--initialMemory',
	'1',
	'--maximumMemory',
	'65536',
]);
await fs.rename(made, path.join(folder, 'kernel.wasm'));

/**
 * One function for each size of row and number of features: the loop over features is unrolled, since a loop inside costs half the speed
 * again. Rows that are not neighbours are first copied to a buffer that stays in the first-level cache, so that the processor fetches many
 * at once.
 */
function histograms(): string {
	const parts = ['// Written by ../build.mts; do not edit.\n'];
	/** Bytes of a row, and the most features that it has room for. */
	const sizes = [
		[8, 4],
		[16, 12],
		[32, 28],
	];
	for (const [stride, most] of sizes) {
		for (let features = 1; features <= most; features++) parts.push(one(stride, features));
	}
	parts.push(`export function histogram(
	cells: usize, rowData: usize, stride: i32, features: i32, index: usize, begin: u32, end: u32, buffer: usize,
): void {
	switch (stride * 64 + features) {
${sizes
	.flatMap(([stride, most]) =>
		Array.from(
			{ length: most },
			(_, i) => `\t\tcase ${stride * 64 + i + 1}: h${stride}x${i + 1}(cells, rowData, index, begin, end, buffer); break;`,
		),
	)
	.join('\n')}
	}
}
`);
	return parts.join('\n');
}

function one(stride: number, features: number): string {
	const copies =
		stride === 8
			? 'store<u64>(to, load<u64>(from));'
			: Array.from({ length: stride / 16 }, (_, i) => `v128.store(to, v128.load(from, ${i * 16}), ${i * 16});`).join(' ');
	const updates = Array.from(
		{ length: features },
		(_, f) => `\t\t\tat = cells + (<usize>load<u8>(p, ${f}) << 3); store<i64>(at, load<i64>(at, ${f * 2048}) + add, ${f * 2048});`,
	).join('\n');
	return `function h${stride}x${features}(cells: usize, rowData: usize, index: usize, begin: u32, end: u32, buffer: usize): void {
	let at: usize = 0;
	for (let i = begin; i < end; ) {
		const count = min<u32>(64, end - i);
		const list = index + ((<usize>i) << 2);
		const first = load<u32>(list);
		let p: usize;
		if (load<u32>(list + ((<usize>count - 1) << 2)) - first == count - 1) p = rowData + <usize>first * ${stride};
		else {
			let to = buffer;
			const stop = list + ((<usize>count) << 2);
			for (let l = list; l < stop; l += 4) {
				const from = rowData + <usize>load<u32>(l) * ${stride};
				${copies}
				to += ${stride};
			}
			p = buffer;
		}
		const last = p + <usize>count * ${stride};
		for (; p < last; p += ${stride}) {
			const packed = load<i32>(p, ${stride - 4});
			const add = (<i64>((packed << 16) >> 16) << 32) + <i64>(<u32>packed >>> 16);
${updates}
		}
		i += count;
	}
}
`;
}
