/** Where whoever is not signed in ends up. */
export function SignIn() {
	return <h1>Sign in</h1>;
}
