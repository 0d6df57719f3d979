import { agentTools } from './agentTools.js';
import { chromiumPath } from './browser.js';
import { firstModel } from './firstModel.js';
import { TestN8n } from './n8n.js';
import { nodesInEditor } from './nodesInEditor.js';
import { oddCars } from './oddCars.js';

/** What needs no more than the small model shares one n8n. */
describe('penguins in full n8n', () => {
	let n8n: TestN8n;
	beforeAll(async () => {
		n8n = await TestN8n.start({ templates: true });
		if (!chromiumPath()) await n8n.until(await n8n.begin('MlopsFirstModel1'), ['success']);
	}, 300_000);
	afterAll(async () => await n8n?.dispose(), 60_000);

	if (chromiumPath()) {
		describe('template "First model", as a person runs it in the browser', () => firstModel(() => n8n));
		describe('odd cars', () => oddCars(() => n8n));
		describe('the nodes in the editor', () => nodesInEditor(() => n8n));
	} else {
		process.stdout.write('No Chromium was found (set CHROMIUM_PATH): the tests in the browser are left out.\n');
	}
	describe('an AI agent with our nodes as tools', () => agentTools(() => n8n));
});
