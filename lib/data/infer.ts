/** Whether strings are categories or free text: text has mostly different values, more than a person could list. */
export function stringType(distinct: number, present: number): 'category' | 'text' {
	return distinct > 50 && distinct > present / 2 ? 'text' : 'category';
}
