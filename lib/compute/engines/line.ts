/** Those who wait for their turn. */
export interface Line<T> {
	join(one: T): void;
	/** For one that had its turn, and through no fault of its own has to have it again. */
	joinFirst(one: T): void;
	/** Whether it was still waiting. */
	leave(one: T): boolean;
	/** Gives turns as long as there are some. To be called whenever there may be one. */
	move(): void;
}

/** First come, first served. `take` takes the next one, or says that there is no turn now. */
export function createLine<T>(take: (next: T) => boolean): Line<T> {
	const waiting: T[] = [];
	const move = (): void => {
		while (waiting.length > 0 && take(waiting[0])) waiting.shift();
	};
	return {
		move,
		join(one) {
			waiting.push(one);
			move();
		},
		joinFirst(one) {
			waiting.unshift(one);
		},
		leave(one) {
			const at = waiting.indexOf(one);
			if (at >= 0) waiting.splice(at, 1);
			return at >= 0;
		},
	};
}
