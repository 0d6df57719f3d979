/** A web address that a person wrote, if it is one: http or https. */
export function webAddress(text: string): URL | undefined {
	const address = URL.parse(text.trim());
	return address && /^https?:$/.test(address.protocol) ? address : undefined;
}
