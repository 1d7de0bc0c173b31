"""The style sheet of the report: light and dark, from a phone to a wide screen, and on paper."""

CSS = """
:root { color-scheme: light dark; --bg: #fbfaf8; --card: #ffffff; --text: #1c1e21; --soft: #5c6470; --line: #dcdfe4;
  --accent: #1d5fb8; --wash: #e8f0fb; --good: #1a7040; --bad: #b3261e; --fair: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --bg: #15171b; --card: #1d2026; --text: #e8e9ec; --soft: #a3abb8;
  --line: #363b45; --accent: #82b1ff; --wash: #22304a; --good: #7bd49b; --bad: #ff9a90; --fair: #f0c069; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 1.25rem 1rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .35rem; }
p { margin: .35rem 0; }
a { color: var(--accent); }
.soft { color: var(--soft); fill: var(--soft); }
.tiles { display: grid; grid-template-columns: repeat(2, 1fr); gap: .6rem; margin: 1rem 0; }
@media (min-width: 44rem) { .tiles { grid-template-columns: repeat(4, 1fr); } }
.tile, figure, details { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
.tile { padding: .7rem .8rem; }
.tile b { display: block; font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tile span { display: block; font-size: .82rem; color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; overflow-wrap: normal; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; vertical-align: baseline;
  border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
thead th { color: var(--soft); font-size: .8rem; font-weight: 500; }
tbody.group th[colspan] { padding-top: 1rem; color: var(--soft); font-size: .8rem; font-weight: 500; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead th.n { white-space: normal; vertical-align: bottom; }
@media (max-width: 40rem) { .wide { display: none; } td.n svg { display: block; margin-left: auto; }
  th { font-size: .88rem; } }
tr th[scope=row] { font-weight: 400; }
code { font: .85em ui-monospace, Menlo, Consolas, monospace; color: var(--soft); }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: .8rem; }
figure { margin: 0; padding: .8rem; }
figcaption { font-weight: 600; margin-bottom: .3rem; }
figcaption small { display: block; font-weight: 400; color: var(--soft); }
svg.plot { display: block; width: 100%; max-width: 30rem; height: auto; }
svg.small { width: 5.6rem; height: 1rem; vertical-align: -.15rem; }
svg text { font: 12px system-ui, sans-serif; fill: var(--text); }
svg .soft { fill: var(--soft); }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .interval { stroke: var(--accent); stroke-width: 3; stroke-linecap: round; opacity: .45; }
svg .dot, svg .bar { fill: var(--accent); }
svg .point { fill: var(--accent); opacity: .45; }
svg .trend { fill: none; stroke: var(--text); stroke-width: 1.5; opacity: .7; }
details { margin: .5rem 0; }
summary { cursor: pointer; padding: .6rem .8rem; }
summary:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
details[open] > summary { border-bottom: 1px solid var(--line); }
.inside { padding: .3rem .8rem 1rem; }
.mark { display: inline-block; min-width: 3.1rem; text-align: center; border-radius: .4rem; padding: 0 .4rem;
  margin-right: .4rem; font-variant-numeric: tabular-nums; font-weight: 600; border: 1px solid currentColor; }
.good { color: var(--good); } .bad { color: var(--bad); } .fair { color: var(--fair); }
.text { white-space: pre-wrap; unicode-bidi: isolate; }
.answer { background: var(--wash); border-radius: .5rem; padding: .6rem .8rem; }
blockquote { margin: .2rem 0 .7rem; padding-left: .8rem; border-left: 3px solid var(--line); }
ul, ol { margin: .3rem 0; padding-left: 1.3rem; }
li { margin: .2rem 0; }
.warn { border-left: 3px solid var(--bad); padding-left: .7rem; }
@media print { details { break-inside: avoid; } body { background: none; } }
"""
