// gulp compile: emits dist/ without checking types. gulp build: checks types too. gulp clean: removes dist/.
const fs = require('node:fs/promises');
const { parallel, series, task } = require('gulp');
const { checkTypes, emit } = require('./scripts/build/build.mts');
const { cache, dist } = require('./scripts/build/paths.mts');

async function clean() {
	await fs.rm(dist, { recursive: true, force: true });
	await fs.rm(cache, { recursive: true, force: true });
}

const compile = () => emit();
const compileAll = () => emit({ complete: true });

task('clean', clean);
task('compile', compile);
task('build', parallel(checkTypes, compileAll));
task('default', series('build'));
