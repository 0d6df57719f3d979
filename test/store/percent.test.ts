import { decoded } from '../../lib/store/percent.js';

// Passwords as databases make them (like mlflow/mlflow#7851, mlflow/mlflow#1487, mathesar-foundation/mathesar#4501).
it.each([
	['p%40ss%3Aw%2Frd', 'p@ss:w/rd'],
	['a%r', 'a%r'],
	['100%', '100%'],
	['%', '%'],
	['%25', '%'],
	['%2540', '%40'],
	['gr%C3%BCn', 'grün'],
	['plain+plus', 'plain+plus'],
	['!$&()*,;=', '!$&()*,;='],
	['', ''],
])('%j stands for %j', (written, meant) => {
	expect(decoded(written)).toBe(meant);
});
