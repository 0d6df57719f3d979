import { addressWarnings } from '../../lib/app/addressWarnings.js';

it.each([
	['https://n8n.example.com/', 0, /^$/],
	['https://n8n.example.com/webhook-waiting/12/abc?signature=x', 0, /^$/],
	['http://localhost:5678/', 1, /localhost:5678.*WEBHOOK_URL/],
	['http://127.0.0.1:5678/webhook-waiting/1', 1, /only works on the machine/],
	['http://[::1]:5678', 1, /only works on the machine/],
	['https://192.168.1.5/', 1, /inside your own network/],
	['http://n8n:5678/', 2, /inside your own network/],
	['http://n8n.example.com/', 1, /without encryption/],
	['https://example.com/n8n/', 1, /path \/n8n\//],
	['https://example.com/tools/n8n/webhook-waiting/1', 1, /path \/tools\/n8n\//],
	['no address', 1, /no web address/],
	['ftp://example.com', 1, /https:/],
])('address %s gives %d warnings', (url, n, text) => {
	const warnings = addressWarnings(url);
	expect(warnings).toHaveLength(n);
	expect(warnings.join(' ')).toMatch(text);
});
