import type { FastifyInstance } from 'fastify';

/** Routes whose bodies come as bytes, whatever their type: protocols that put more than JSON in them, or whose clients name no type. */
export function withBytes(app: FastifyInstance, routes: (scope: FastifyInstance) => void): void {
	void app.register((scope, _options, done) => {
		scope.removeAllContentTypeParsers();
		scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, read) => read(null, body));
		routes(scope);
		done();
	});
}
