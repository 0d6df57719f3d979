import { render } from 'preact';
import './data/look.js';
import { App } from './shell/App.js';

render(<App />, document.getElementById('console')!);
