import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { mayAct } from '../../domain/role.js';
import type { Me } from '../data/myself.js';
import { Icon } from '../components/Icon.js';
import { pages } from '../pages/index.js';
import { Link, usePlace } from '../router/router.js';
import { NAVIGATION } from './navigation.js';
import { LookSwitch } from './LookSwitch.js';
import { Person } from './Person.js';

/** The frame around each page: navigation at the side (behind a button on a phone), who is signed in, how it looks. */
export function Frame({ me, away, children }: { me: Me; away: boolean; children: ComponentChildren }) {
	const { path } = usePlace();
	const [open, setOpen] = useState(false);
	const button = useRef<HTMLButtonElement>(null);
	// At once, not after the next painting: it must not close what was opened meanwhile.
	useLayoutEffect(() => setOpen(false), [path]);
	useLayoutEffect(() => {
		if (!open) return;
		const close = (event: KeyboardEvent): void => {
			if (event.key !== 'Escape') return;
			setOpen(false);
			button.current?.focus();
		};
		addEventListener('keydown', close);
		return () => removeEventListener('keydown', close);
	}, [open]);
	return (
		<div class={open ? 'frame menu-open' : 'frame'}>
			<a class="skip" href="#main">
				Skip to the page
			</a>
			<header class="bar">
				<button
					ref={button}
					type="button"
					class="icon-button menu-button"
					aria-expanded={open}
					aria-controls="navigation"
					aria-label="Menu"
					onClick={() => setOpen(!open)}
				>
					<Icon name={open ? 'close' : 'menu'} />
				</button>
				<Link to="/" class="brand" label="MLOps, overview">
					<span class="brand-mark" aria-hidden="true" />
					MLOps
				</Link>
				<div class="bar-end">
					<LookSwitch />
					<Person me={me} />
				</div>
			</header>
			<nav id="navigation" class="navigation" aria-label="Console">
				<Navigation me={me} path={path} />
			</nav>
			<main id="main" tabIndex={-1}>
				<p class="away" role="status">
					{away ? 'The server cannot be reached at the moment. What you see may be old; this page tries again by itself.' : ''}
				</p>
				{children}
			</main>
		</div>
	);
}

function Navigation({ me, path }: { me: Me; path: string }) {
	const shown = NAVIGATION.map(({ label, entries }) => ({
		label,
		entries: entries.filter((entry) =>
			pages.some((page) => page.path === entry.path && page.role !== 'none' && mayAct(me.role, page.role)),
		),
	})).filter(({ entries }) => entries.length);
	return (
		<>
			{shown.map(({ label, entries }) => (
				<div class="navigation-group" key={label}>
					{label && <p class="navigation-label">{label}</p>}
					<ul>
						{entries.map((entry) => (
							<li key={entry.path}>
								<Link
									to={entry.path}
									current={entry.path === '/' ? path === '/' : path === entry.path || path.startsWith(`${entry.path}/`)}
								>
									<Icon name={entry.icon} />
									{entry.label}
								</Link>
							</li>
						))}
					</ul>
				</div>
			))}
			<p class="navigation-end">
				<a href="/">Try a model</a>
				<a href="/console/LICENSES.txt">Licences</a>
			</p>
		</>
	);
}
