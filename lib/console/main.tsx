import { render } from 'preact';
import './data/theme.js';
import { App } from './shell/App.js';

render(<App />, document.getElementById('console')!);
