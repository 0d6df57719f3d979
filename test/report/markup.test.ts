import { html, trusted } from '../../lib/report/markup';

it('leaves out the line breaks that lay out a template, and keeps those of what is put in', () => {
	const page = html`<ul>
		<li>${'two\n\tlines'}</li>
		${['a', 'b'].map((item) => html`<li>${item}</li>`)}
		<li>${trusted('<b>\n</b>')} and on</li>
	</ul>`;
	expect(page.text).toBe('<ul><li>two\n\tlines</li><li>a</li><li>b</li><li><b>\n</b> and on</li></ul>');
});

it('escapes whatever is put in, but for markup', () => {
	expect(html`<p>${'<script>"\'&'}${html`<i>${1}</i>`}${null}${false}</p>`.text).toBe('<p>&lt;script&gt;&quot;&#39;&amp;<i>1</i></p>');
});
