// A bare server of Node that reads JSON and writes the same JSON: what no server in this language can beat. `echo.mts PORT`
import http from 'node:http';
import process from 'node:process';

http
	.createServer((request, response) => {
		const pieces: Buffer[] = [];
		request.on('data', (piece: Buffer) => pieces.push(piece));
		request.on('end', () => {
			const text = JSON.stringify(JSON.parse(Buffer.concat(pieces).toString()));
			response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
			response.end(text);
		});
	})
	.listen(Number(process.argv[2]), '127.0.0.1');
