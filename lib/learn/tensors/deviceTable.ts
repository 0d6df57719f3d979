import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { Column, Labels, Matrix } from '../contract.js';
import type { TensorFlow } from './tensorBackends.js';

/** Bytes of one tensor at most: what WebGPU promises for a buffer that a shader reads (`maxStorageBufferBindingSize`). */
const MOST_BYTES = 2 ** 27;

/**
 * Rows to learn from or to answer, on the device as a whole: they are uploaded once, and a batch is gathered there by the numbers of its
 * rows. Numbers lie in as many parts, by columns, as tensors of `mostBytes` need.
 */
export class DeviceTable {
	readonly rows: number;
	/** Number columns in their order, rows x columns; a part holds so many columns as fit. */
	readonly #numbers: Tensor2D[] = [];
	/** Codes likewise, whole numbers. */
	readonly #codes: Tensor2D[] = [];
	#y?: Tensor1D;
	#weight?: Tensor1D;
	readonly #tf: TensorFlow;

	constructor(tf: TensorFlow, x: Pick<Matrix, 'rows' | 'columns'>, labels?: Labels, mostBytes = MOST_BYTES) {
		this.#tf = tf;
		this.rows = x.rows;
		const most = Math.max(1, Math.floor(mostBytes / 4 / Math.max(1, x.rows)));
		const upload = (kind: Column['kind'], dtype: 'float32' | 'int32', to: Tensor2D[]): void => {
			const columns = x.columns.filter((c) => c.kind === kind);
			for (let from = 0; from < columns.length; from += most) to.push(this.#part(columns.slice(from, from + most), dtype));
		};
		upload('number', 'float32', this.#numbers);
		upload('category', 'int32', this.#codes);
		if (!labels) return;
		this.#y = labels.classes ? tf.tensor1d(Int32Array.from(labels.y), 'int32') : tf.tensor1d(Float32Array.from(labels.y));
		if (labels.weight) this.#weight = tf.tensor1d(Float32Array.from(labels.weight));
	}

	#part(columns: readonly Column[], dtype: 'float32' | 'int32'): Tensor2D {
		const flat = new (dtype === 'float32' ? Float32Array : Int32Array)(this.rows * columns.length);
		columns.forEach((column, j) => {
			const { data } = column;
			for (let i = 0; i < this.rows; i++) flat[i * columns.length + j] = data[i];
		});
		return this.#tf.tensor2d(flat, [this.rows, columns.length], dtype);
	}

	/** Numbers of these rows, rows x columns; nothing where there is no such column. */
	numbers(rows: Tensor1D): Tensor2D | undefined {
		return this.#gathered(this.#numbers, rows);
	}

	/** Codes of these rows likewise. */
	codes(rows: Tensor1D): Tensor2D | undefined {
		return this.#gathered(this.#codes, rows);
	}

	#gathered(from: readonly Tensor2D[], rows: Tensor1D): Tensor2D | undefined {
		const parts = from.map((part) => this.#tf.gather(part, rows));
		return parts.length > 1 ? this.#tf.concat(parts, 1) : parts[0];
	}

	/** Class codes (whole numbers) or values of these rows. */
	y(rows: Tensor1D): Tensor1D {
		return this.#tf.gather(this.#y!, rows);
	}

	/** Weights of these rows, where rows have some. */
	weight(rows: Tensor1D): Tensor1D | undefined {
		return this.#weight && this.#tf.gather(this.#weight, rows);
	}

	dispose(): void {
		this.#tf.dispose([...this.#numbers, ...this.#codes, this.#y, this.#weight].filter((t): t is Tensor1D => t !== undefined) as Tensor[]);
	}
}
