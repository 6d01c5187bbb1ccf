/** The style of the page. Every colour is a variable; text and ground have a contrast of 4.5 or more, light and dark. */
const light = `--ground:#f5f6f8;--card:#fff;--text:#15191f;--faint:#545d6b;--line:#dde1e7;--link:#1553b6;--focus:#1553b6;--nothing:#eceff3;
--failed:#b3200f;--failed-ground:#fdecea;--needs_user:#8a4b00;--needs_user-ground:#fff3dc;--unknown:#5b2bb8;--unknown-ground:#f1ebfd;
--progressing:#0f57b8;--progressing-ground:#e6f0fd;--deleting:#4b5563;--deleting-ground:#eceff3;--ready:#0b6b3f;--ready-ground:#e3f6ea;
--bar-failed:#d92d20;--bar-needs_user:#f0a31c;--bar-unknown:#8b5cf6;--bar-progressing:#4c9bf5;--bar-deleting:#98a2b3;--bar-ready:#43b97f;--bar-message:#7a0f05;color-scheme:light;`;
const dark = `--ground:#0e1116;--card:#171c24;--text:#e8ebf0;--faint:#a3adbb;--line:#2b333f;--link:#8ab8ff;--focus:#8ab8ff;--nothing:#232a34;
--failed:#ff9d92;--failed-ground:#43140f;--needs_user:#ffc46b;--needs_user-ground:#3d2a07;--unknown:#c8b0ff;--unknown-ground:#2d2050;
--progressing:#93c2ff;--progressing-ground:#102d52;--deleting:#b6bfcc;--deleting-ground:#272e39;--ready:#7ddaa8;--ready-ground:#0d3321;
--bar-failed:#f0554a;--bar-needs_user:#e09a1f;--bar-unknown:#9b7bf0;--bar-progressing:#4a8fe0;--bar-deleting:#6b7585;--bar-ready:#2f9a66;--bar-message:#ffb4ab;color-scheme:dark;`;

const classes = ['failed', 'needs_user', 'unknown', 'progressing', 'deleting', 'ready'];

const byClass = classes
  .map(
    (name) => `.badge.${name}{color:var(--${name});background:var(--${name}-ground)}
.card.${name}{border-left-color:var(--bar-${name})}
.timeline .${name}{fill:var(--bar-${name})}`,
  )
  .join('\n');

export const style = `:root{${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
body{margin:0;overflow-wrap:anywhere;background:var(--ground);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.87em;overflow-wrap:anywhere}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible,summary:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:4px}
h1,h2,h3,h4,p,ul,ol,dl,figure,pre{margin:0;padding:0}
ul,ol{list-style:none}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--card);padding:8px;z-index:1}
.sprite{position:absolute}
.icon{width:1em;height:1em;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round;flex:none}
.top,main,footer{max-width:1180px;margin:0 auto;padding:0 20px}
.top{display:flex;flex-wrap:wrap;align-items:center;gap:4px 20px;padding-top:14px;padding-bottom:14px}
.brand{font-weight:650;color:var(--text);text-decoration:none;margin-right:auto}
.top ul{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:14px}
.top button,form button{font:inherit;font-size:14px;color:var(--text);background:var(--card);border:1px solid var(--faint);border-radius:6px;padding:4px 12px;cursor:pointer}
.top button::before{content:"";display:inline-block;width:8px;height:8px;border-radius:50%;margin-right:7px;background:var(--bar-deleting)}
.top button[aria-pressed=true]::before{background:var(--bar-ready)}
#lost{background:var(--failed-ground);color:var(--failed);font-weight:600;padding:10px 20px;text-align:center}
.headline{border-radius:12px;padding:22px 24px;border:1px solid var(--line);background:var(--card);margin-bottom:22px}
.headline h1{font-size:30px;line-height:1.2;font-weight:700;letter-spacing:-.01em}
.headline p{color:var(--faint);margin-top:4px}.headline .of{display:block;font-size:17px;font-weight:600;color:var(--text);letter-spacing:0}
.newest{margin:8px 0;font-size:16px}.newest a{font-weight:600}
.headline.bad{background:var(--failed-ground);border-color:var(--bar-failed)}.headline.bad h1{color:var(--failed)}
.headline.warn{background:var(--needs_user-ground);border-color:var(--bar-needs_user)}.headline.warn h1{color:var(--needs_user)}
.headline.good{background:var(--ready-ground);border-color:var(--bar-ready)}.headline.good h1{color:var(--ready)}
.headline.bad p,.headline.warn p,.headline.good p{color:var(--text)}
.tiles{display:flex;flex-wrap:wrap;gap:8px;margin-top:16px}
.tiles a{display:flex;align-items:baseline;gap:8px;padding:6px 14px;border-radius:8px;background:var(--card);border:1px solid var(--line);color:var(--text);text-decoration:none}
.tiles a:hover{border-color:var(--faint)}
.tiles b{font-size:20px;font-variant-numeric:tabular-nums}
.tiles .trouble.failed b,.tiles .trouble.error b{color:var(--failed)}.tiles .trouble b{color:var(--needs_user)}.tiles .ready b{color:var(--ready)}.tiles .moving b{color:var(--progressing)}
.tiles .zero a{color:var(--faint)}
section.part{margin-bottom:30px}
h2{font-size:18px;font-weight:650;margin-bottom:10px}
.all{margin:-8px 0 10px;font-size:14px}
.bar{display:flex;flex-wrap:wrap;align-items:end;justify-content:space-between;gap:10px 20px;margin-bottom:12px}
.card{background:var(--card);border:1px solid var(--line);border-left:5px solid var(--line);border-radius:8px;padding:14px 18px;margin-bottom:12px}
.card.small{padding:10px 18px}.card.small h3{font-size:15px}.detail{margin-top:6px}.who{color:var(--faint);font-size:14px}.card.small .advice{margin-top:4px}
.card header{display:flex;flex-wrap:wrap;align-items:center;gap:4px 12px}
.card h3{font-size:17px;font-weight:650}
.card h3 a{color:inherit}
.where{color:var(--faint);font-weight:400;font-size:14px;margin-left:6px}
.since{color:var(--faint);font-size:14px;margin-left:auto}
.since strong{color:var(--text)}
.badge{max-width:100%;display:inline-flex;align-items:center;gap:6px;padding:2px 9px;border-radius:99px;font-size:12.5px;font-weight:650;letter-spacing:.02em}
${byClass}
.timeline{display:block;width:100%;border-radius:3px;shape-rendering:crispEdges}
.timeline .nothing{fill:var(--nothing)}.timeline .presumed{opacity:.35}.timeline .message{fill:var(--bar-message)}.timeline .mark{fill:var(--text)}.timeline .unseen-time{fill:url(#hatch)}.hatch-ground{fill:var(--nothing);opacity:.55}.hatch-line{stroke:var(--text);stroke-width:2.5;opacity:.75}
.legend{display:flex;flex-wrap:wrap;gap:2px 14px;margin:10px 0;font-size:12.5px;color:var(--faint)}.legend li{display:flex;align-items:center;gap:6px}.timeline.swatch{width:24px;height:12px;flex:none}
.past{margin-top:12px}.axis{display:flex;justify-content:space-between;color:var(--faint);font-size:12px}
.message{margin:10px 0 0}.message figcaption{font-size:13px;color:var(--faint)}
.message pre{white-space:pre-wrap;background:var(--ground);border-radius:6px;padding:8px 12px;font-size:14px;unicode-bidi:plaintext}
.rest{font-size:13px;color:var(--faint)}
.advice{margin-top:10px;font-size:14.5px}
.old{color:var(--needs_user);font-size:14px}.old .icon{vertical-align:-2px;margin-right:4px}
.endpoints{margin-top:10px}.endpoints h4{font-size:13px;font-weight:400;color:var(--faint)}.endpoints li{padding:3px 0}
.for{color:var(--faint);font-size:14px}
details{margin-top:10px;font-size:14px}summary{cursor:pointer;color:var(--link)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:8px 0}dt{color:var(--faint)}dd{margin:0;min-width:0}
.names{display:flex;flex-wrap:wrap;gap:2px 14px;margin-top:8px;font-size:14px}
table{width:100%;border-collapse:collapse;background:var(--card);border:1px solid var(--line);border-radius:8px;overflow:hidden;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:8px 12px;border-top:1px solid var(--line)}
thead th{color:var(--faint);font-weight:500;font-size:13px;border-top:0}
tbody th{font-weight:500}tbody th code{display:block;color:var(--faint);font-weight:400}
td.line{width:26%;min-width:150px}
.changes{background:var(--card);border:1px solid var(--line);border-radius:8px}
.changes li{display:grid;grid-template-columns:215px 1fr;gap:12px;padding:7px 14px;border-top:1px solid var(--line);font-size:14px}
.changes li:first-child{border-top:0}
.changes .when{color:var(--faint)}.changes .what{min-width:0;overflow-wrap:anywhere}
.changes li.set .what b{color:var(--failed)}.changes li.cleared .what b{color:var(--ready)}.changes .badge{font-size:11.5px;padding:1px 8px}
form{display:flex;flex-wrap:wrap;align-items:end;gap:10px 14px}
label{display:grid;font-size:13px;color:var(--faint)}
input,select{font:inherit;font-size:14px;color:var(--text);background:var(--card);border:1px solid var(--faint);border-radius:6px;padding:4px 8px;min-height:32px;max-width:100%}
input[type=search]{width:260px}::placeholder{color:var(--faint);opacity:1}
.ranges,.ranges ul,.pager ul{display:flex;align-items:center;gap:4px 10px;font-size:13px;flex-wrap:wrap}
.ranges span{color:var(--faint)}
[aria-current=true]{color:var(--text);font-weight:650;text-decoration:none}
.pager{margin-top:10px}.pager span{color:var(--faint)}
.empty{color:var(--faint);background:var(--card);border:1px dashed var(--line);border-radius:8px;padding:18px}
.help section{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:14px 18px;margin-bottom:12px}
.help section:target{border-color:var(--link)}.help ol{list-style:decimal;padding-left:20px}.help h2{margin-bottom:4px}
.runbook pre{white-space:pre-wrap;background:var(--ground);border-radius:6px;padding:8px 12px;margin:8px 0}.runbook h1,.title{font-size:24px;margin-bottom:10px}.runbook h2{margin:14px 0 6px}.runbook p{margin:6px 0}.runbook ul{list-style:disc;padding-left:20px}.consoles{font-size:14px}
.crumbs{margin-bottom:10px;font-size:14px}
footer{color:var(--faint);font-size:13px;padding-bottom:30px}
@media (max-width:720px){.top,main,footer{padding-left:12px;padding-right:12px}.headline{padding:16px}.headline h1{font-size:24px}.wide{display:none}.since{margin-left:0;flex-basis:100%}th,td{padding:7px 8px}.card{padding:12px}.changes li{grid-template-columns:1fr;gap:0}input[type=search]{width:100%}form label:first-of-type{flex-basis:100%}dl{grid-template-columns:1fr}.connections,.projects,.clusters{table-layout:fixed}td{overflow-wrap:anywhere}tbody th code{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}}
@media print{.top button,form,.pager,.ranges{display:none}}
`;
