// Loaded into n8n before its own code: n8n ends, with all that it started, when the process that started it is gone,
// however that went. The parent holds the other end of our standard input, which the system closes for it.
const mine = (argument) => argument === '--require' || argument === __filename;
process.execArgv = process.execArgv.filter((argument) => !mine(argument));

function end(signal) {
	try {
		process.kill(process.platform === 'win32' ? process.pid : -process.pid, signal);
	} catch (error) {
		if (error.code !== 'ESRCH') throw error;
	}
}

process.stdin.on('close', () => {
	end('SIGTERM');
	setTimeout(() => end('SIGKILL'), 10_000);
});
process.stdin.on('error', () => {});
process.stdin.resume();
process.stdin.unref();
