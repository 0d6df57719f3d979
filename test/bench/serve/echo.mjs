// A bare server of Node that reads JSON and writes the same JSON: what no server in this language can beat. `echo.mjs PORT`
import http from 'node:http';

http
	.createServer((request, response) => {
		const pieces = [];
		request.on('data', (piece) => pieces.push(piece));
		request.on('end', () => {
			const text = JSON.stringify(JSON.parse(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)));
			response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
			response.end(text);
		});
	})
	.listen(Number(process.argv[2]), '127.0.0.1');
