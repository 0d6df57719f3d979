import { html, STYLE, trusted, type Content } from './safeHtml.js';
import { COLOR } from './theme.js';

const FULL_STYLE = `
body{background:${COLOR.faint}}
.r{background:${COLOR.paper};padding:36px 44px 56px;margin:24px auto;border-radius:14px;box-shadow:0 1px 3px rgba(29,36,51,.08)}
h1{font-size:26px}h2{font-size:18px;margin-top:40px}
.charts{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px;margin:16px 0}
.chart{margin:0;border:1px solid ${COLOR.line};border-radius:12px;overflow:hidden}.chart:last-child:nth-child(odd){grid-column:1/-1}
figcaption{padding:16px 20px 0;font-size:15px;overflow-wrap:break-word}figcaption b{font-weight:650}
figcaption span{color:${COLOR.muted};font-size:12.5px}
.plot{position:relative}
.plot .dot{position:absolute;width:10px;height:10px;margin:-7px;border:2px solid ${COLOR.accentDark};border-radius:9px;
background:${COLOR.paper};pointer-events:none;display:none}
.tip{position:fixed;z-index:9;background:${COLOR.ink};color:#fff;font-size:12.5px;padding:5px 10px;border-radius:7px;
pointer-events:none;display:none;max-width:300px}
.sortable th{cursor:pointer;user-select:none}.sortable th:hover,.sortable th:focus-visible{color:${COLOR.ink}}
th[aria-sort=ascending]::after{content:" ↑"}th[aria-sort=descending]::after{content:" ↓"}
.find{font:inherit;padding:6px 12px;border:1px solid ${COLOR.line};border-radius:8px;margin:4px 0 8px;width:240px;max-width:100%}
@media(min-width:721px){.narrow{display:none}}
@media(max-width:720px){
.wide{display:none}.charts{grid-template-columns:minmax(0,1fr)}
.r{margin:0;border-radius:0;padding:20px 16px 40px}
}
@media print{body{background:#fff}.r{box-shadow:none;margin:0;padding:0}.chart{break-inside:avoid}.find{display:none}}
`.replace(/\n/g, '');

/** Hover tips, tables that sort on a click and long tables that can be searched. No library, no network. */
const SCRIPT = `(function(){
	var tip=document.createElement('div');tip.className='tip';document.body.appendChild(tip);
	document.querySelectorAll('.plot').forEach(function(f){
		var pts=JSON.parse(f.dataset.tips),w=+f.dataset.w,dot=document.createElement('i');dot.className='dot';f.appendChild(dot);
		function off(){tip.style.display=dot.style.display='none'}
		f.addEventListener('pointermove',function(e){
			var r=f.getBoundingClientRect(),k=r.width/w,b=null,d=1e9;
			pts.forEach(function(p){var q=Math.hypot((p[0]*k-(e.clientX-r.left)),(p[1]*k-(e.clientY-r.top)));if(q<d){d=q;b=p}});
			if(!b||d>90)return off();
			tip.textContent=b[2];tip.style.display='block';
			dot.style.display='block';dot.style.left=b[0]*k+'px';dot.style.top=b[1]*k+'px';
			tip.style.left=Math.max(8,Math.min(innerWidth-tip.offsetWidth-8,r.left+b[0]*k+12))+'px';
			tip.style.top=Math.max(8,r.top+b[1]*k-tip.offsetHeight-10)+'px'});
		f.addEventListener('pointerleave',off)});
	function key(t){
		var m=t.replace(/[\\u2212]/g,'-').replace(/[,\\u00a0\\s]/g,'').match(/^[<±]?(-?\\d+(\\.\\d+)?(e-?\\d+)?)/);
		return m?+m[1]/(t.indexOf('%')<0?1:100):null}
	document.querySelectorAll('table.sortable').forEach(function(t){
		var body=t.tBodies[0];
		if(body.rows.length>12){
			var i=document.createElement('input');i.className='find';i.type='search';
			i.placeholder='Search these rows';i.setAttribute('aria-label','Search these rows');
			t.parentNode.parentNode.insertBefore(i,t.parentNode);
			i.addEventListener('input',function(){
				var q=i.value.toLowerCase();
				Array.prototype.forEach.call(body.rows,function(r){r.style.display=r.textContent.toLowerCase().indexOf(q)<0?'none':''})})}
		Array.prototype.forEach.call(t.tHead.rows[0].cells,function(h,c){
			h.tabIndex=0;
			function sort(){
				var up=h.getAttribute('aria-sort')==='descending';
				Array.prototype.forEach.call(h.parentNode.cells,function(x){x.removeAttribute('aria-sort')});
				h.setAttribute('aria-sort',up?'ascending':'descending');
				Array.prototype.slice.call(body.rows).sort(function(a,b){
					var x=a.cells[c].textContent,y=b.cells[c].textContent,m=key(x),n=key(y),
						o=m!==null&&n!==null?m-n:m!==null?1:n!==null?-1:x.localeCompare(y);
					return up?o:-o}).forEach(function(r){body.appendChild(r)})}
			h.addEventListener('click',sort);
			h.addEventListener('keydown',function(e){if(e.key==='Enter'||e.key===' '){e.preventDefault();sort()}})})})
})()`.replace(/\n\t*/g, '\n');

const POLICY = "default-src 'none';style-src 'unsafe-inline';script-src 'unsafe-inline';img-src data:";

/** A page without anything outside it: opens from a disk, sends nothing. */
export const fullPage = (title: string, body: Content): string =>
	html`<!doctype html>
		<html lang="en">
		<head>
			<meta charset="utf-8">
			<meta name="viewport" content="width=device-width,initial-scale=1">
			<meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
			<title>${title}</title>
			<style>${trusted(STYLE + FULL_STYLE)}</style>
		</head>
		<body><main class="r">${body}</main><script>${trusted(SCRIPT)}</script></body>
		</html>`.text;
