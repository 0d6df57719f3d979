import type { ComponentType } from 'preact';
import { useEffect, useLayoutEffect, useErrorBoundary, useRef, useState } from 'preact/hooks';
import { mayAct } from '../../domain/role.js';
import { ApiError, askAhead, onSignedOut, setCsrf } from '../data/api.js';
import { useLive } from '../data/live.js';
import { Session, type Me } from '../data/myself.js';
import { Button } from '../components/Button.js';
import { Failure } from '../components/Failure.js';
import { Skeleton } from '../components/Skeleton.js';
import { Toasts } from '../components/Toast.js';
import { View } from '../components/View.js';
import { pages } from '../pages/index.js';
import type { Page, PageProps } from '../pages/page.js';
import { match, pathTo, placeOf, type Params } from '../router/place.js';
import { goTo, Link, usePlace } from '../router/router.js';
import { Frame } from './Frame.js';
import { setTitle } from './title.js';

const SIGN_IN = '/sign-in';

function found(path: string): { page: Page; params: Params } | undefined {
	for (const page of pages) {
		const params = match(page.path, path);
		if (params) return { page, params };
	}
	return undefined;
}

/** The page of the address comes, and asks, while the server still says who looks at it. */
const begun = found((placeOf(location) ?? { path: '/' }).path)?.page;
begun?.load().catch(() => {});
if (begun?.first !== undefined) askAhead(begun.first);

/** The whole console: who looks, the frame, and the page of the address. */
export function App() {
	const place = usePlace();
	const here = found(place.path);
	const alone = here?.page.role === 'none';
	const me = useLive<Me>(alone ? undefined : '/me', 60_000);
	useEffect(
		() =>
			onSignedOut(() => {
				if (found(location.pathname.replace(/^\/console/, '') || '/')?.page.role === 'none') return;
				const next = `${location.pathname}${location.search}`.replace(/^\/console/, '');
				goTo(pathTo(SIGN_IN, {}, { next: next === '/' ? undefined : next }), { replace: true });
			}),
		[],
	);
	if (me.data) setCsrf((me.data as { csrf?: string }).csrf);
	useEffect(() => {
		setTitle(here?.page.title ?? 'Not found');
	}, [here?.page]);

	if (here && alone) return <Alone page={here.page} params={here.params} />;
	if (!me.data)
		return (
			<main class="alone" id="main">
				{me.error && me.error.status !== 401 ? <Failure error={me.error} again={me.again} /> : <Skeleton label="Asking who you are" />}
			</main>
		);
	return (
		<Session.Provider value={me.data}>
			<Frame me={me.data} away={me.error?.status === 0}>
				<PageOf here={here} me={me.data} path={place.path} />
			</Frame>
			<Toasts />
		</Session.Provider>
	);
}

const Alone = ({ page, params }: { page: Page; params: Params }) => (
	<>
		<main class="alone" id="main">
			<Loaded page={page} params={params} />
		</main>
		<Toasts />
	</>
);

function PageOf({ here, me, path }: { here: ReturnType<typeof found>; me: Me; path: string }) {
	if (!here)
		return (
			<View title="There is nothing at this address">
				<p>
					It may have been typed by hand, or what it showed has another name now. <Link to="/">Go to the overview</Link>
				</p>
			</View>
		);
	const { role } = here.page;
	if (role !== 'none' && !mayAct(me.role, role))
		return (
			<View title="This page is not for your role">
				<p>
					You are signed in as {me.role}; it takes the role {role}. An administrator can give it to you.
				</p>
			</View>
		);
	// Another thing of the same kind is another page: nothing of the one before may show.
	return <Loaded key={`${here.page.path} ${path}`} page={here.page} params={here.params} />;
}

/** Chunks that have come; a page that was seen before is there at once. */
const known = new Map<Page, ComponentType<PageProps>>();

function Loaded({ page, params }: { page: Page; params: Params }) {
	const [, drawn] = useState(0);
	const [error, setError] = useState<ApiError>();
	const [broken, mend] = useErrorBoundary();
	const first = useRef(true);
	const load = (): void => {
		setError(undefined);
		page.load().then(
			(component) => {
				known.set(page, component);
				drawn((n) => n + 1);
			},
			() =>
				setError(
					new ApiError('This page could not be loaded.', 0, 'console.unreachable', {
						remedy: 'The server may have been renewed or be away: load the page again.',
					}),
				),
		);
	};
	// At once, not after the next painting: the focus must not be taken from what somebody chose meanwhile.
	useLayoutEffect(() => {
		if (!known.has(page)) load();
		// Whoever goes on by keyboard or listens begins at the new page.
		if (!first.current) document.getElementById('main')?.focus({ preventScroll: true });
		first.current = false;
	}, [page]);
	if (broken)
		return (
			<Failure error={new ApiError('This page failed while it was drawn.', 0, 'console.failed', { found: String(broken) })}>
				<Button onClick={mend}>Try again</Button>
			</Failure>
		);
	if (error) return <Failure error={error} again={() => location.reload()} />;
	const Component = known.get(page);
	return Component ? <Component params={params} /> : <Skeleton label="Loading the page" />;
}
