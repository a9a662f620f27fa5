// The page comes to life: the list chooses a series, the switches say what of it is drawn.
const $ = id => document.getElementById(id);
let chart;

function told(chart, i) {
  const own = chart.own, place = $('readout');
  if (i === null || i === undefined) { place.textContent = resting(own); return; }
  const parts = [stampText(own, own.x[i])], step = i - own.n;
  if (step < 0) parts.push((own.repaired.has(i) ? 'repaired ' : 'observed ') + number(own.y[i], 6));
  else {
    parts.push((own.raw.beyond !== null && step >= own.raw.beyond ? 'beyond: ' : 'forecast ') + number(own.yhat[step], 6));
    for (const b of own.bands) if (shownLevels.has(b.level) && b.lo[step] !== null) parts.push(`${b.level} %: ${number(b.lo[step], 6)} to ${number(b.hi[step], 6)}`);
    parts.push(`${group(String(step + 1))} step${step ? 's' : ''} ahead`);
  }
  chart.kinds.forEach((kind, k) => {
    const v = chart.columns[k + 1][i];
    if (kind.what === 'held' && visible(kind) && v !== null) parts.push(`${kind.name} forecast ${number(v, 6)}`);
  });
  place.textContent = parts.join(' · ');
}
const resting = own => own.n ? `last observed ${stampText(own, own.x[own.n - 1])}` + (own.yhat.length ? `; ${group(String(own.yhat.length))} steps ahead` : '') : '';

function switches(own) {
  const place = $('switches');
  place.replaceChildren();
  const make = (text, ink, has, flip, dashed) => {
    const button = element('button', undefined, {type: 'button', 'aria-pressed': String(has())}), mark = element('i', undefined, {'aria-hidden': 'true'});
    mark.style.background = colour(ink);
    if (dashed) mark.className = 'line';
    button.append(mark, element('span', text));
    button.addEventListener('click', () => { flip(); button.setAttribute('aria-pressed', String(has())); chart.toggled(); });
    place.append(button);
  };
  const flip = (set, key) => () => { if (set.has(key)) set.delete(key); else set.add(key); };
  const key = (text, ink) => { const span = element('span', undefined, {class: 'key'}), mark = element('i', undefined, {'aria-hidden': 'true', class: 'line'}); mark.style.background = colour(ink); span.append(mark, element('span', text)); place.append(span); };
  key('observed', 'ink');
  if (own.repaired.size) key('repaired', 'repair');
  if (own.yhat.length) key('forecast', 'forecast');
  if (own.raw.beyond !== null && own.raw.beyond < own.yhat.length) key('beyond what is worth trusting', 'lost');
  for (const b of [...own.bands].reverse()) {
    const pair = data.held.find(h => h[0] === b.level);
    const names = {1: [2], 2: [1, 3], 3: [1, 2, 4]}[own.bands.length] || [1, 2, 3, 4, 4, 4, 4, 4];
    make(heldText(b.level, pair && pair.slice(1)), 'fan' + names[own.bands.indexOf(b)], () => shownLevels.has(b.level), flip(shownLevels, b.level));
  }
  const names = own.origins ? own.origins.predicted.map(p => p.name) : [];
  names.forEach((name, rank) => make(`${name}, held out`, name === data.chosen ? 'held' : EXTRA[rank % EXTRA.length],
    () => shownNames.has(name), flip(shownNames, name), true));
}

function origins(own) {
  const place = $('origins'), slider = $('origin'), out = $('cutoff');
  place.hidden = !own.origins || !own.origins.at.length;
  if (place.hidden) return;
  const say = () => { const n = own.origins.at[chart.origin]; out.textContent = `forecast made ${n ? 'after ' + stampText(own, own.x[n - 1]) : ''} (${chart.origin + 1} of ${own.origins.at.length} shown)`; };
  slider.max = String(own.origins.at.length - 1);
  slider.value = String(chart.origin);
  slider.oninput = () => {
    chart.origin = Number(slider.value);
    const n = own.origins.at[chart.origin], [lo, hi] = chart.window, end = own.x[n + own.origins.steps - 1];
    if (own.x[n] < lo || end > hi) { const span = hi - lo, from = own.x[n] - span * 0.6; chart.window = [Math.max(from, own.x[0]), Math.max(from, own.x[0]) + span]; }
    chart.draw(); say();
  };
  say();
}

function choose(i) {
  const own = series(i);
  if (data.series.length > 1) $('name').textContent = own.raw.name + (own.raw.label && own.raw.label !== own.raw.name ? ` (${own.raw.label})` : '');
  $('cut').textContent = own.raw.cut;
  $('cut').hidden = !own.raw.cut;
  chart.show(own);
  $('chart').setAttribute('aria-label', `${own.raw.name}: ${group(String(own.n))} values and a forecast of ${own.yhat.length} steps. Arrow keys read the values.`);
  switches(own);
  origins(own);
  told(chart, null);
  const more = $('more');
  more.hidden = !forecastTable(own, $('rows'), false);
  more.onclick = () => { forecastTable(own, $('rows'), true); more.hidden = true; };
  $('forecast-part').hidden = !own.yhat.length;
  $('repair-part').hidden = !own.raw.repairs.length;
  if (own.raw.repairs.length) repairTable(own, $('repairs'));
  $('repair-more').textContent = own.raw.more ? `${group(String(own.raw.more))} more changes are in the ledger (--ledger FILE).` : '';
  for (const what of ['forecast', 'all', 'held']) $('get-' + what).onclick = () => download(own, what);
  $('get-held').hidden = !own.origins;
}

function errorsByStep() {
  const names = ranked(Object.entries(data.by_step)).map(([name]) => name);
  $('steps-part').hidden = !names.length || data.by_step[names[0]].length < 2;
  if ($('steps-part').hidden) return;
  const steps = data.by_step[names[0]].map((_, i) => i + 1), place = $('steps');
  let plot;
  const look = (name, rank) => ({label: name, stroke: colour(name === data.chosen ? 'forecast' : EXTRA[rank % EXTRA.length]), width: name === data.chosen ? 2.4 : 1.2,
    dash: name === data.chosen ? [] : [[6, 2], [2, 2], [8, 2, 2, 2]][rank % 3], points: {show: false}});
  const draw = () => {
    if (plot) plot.destroy();
    const line = {stroke: colour('soft'), font: '12px system-ui, sans-serif'};
    plot = new uPlot({width: place.clientWidth, height: 220, scales: {x: {time: false}, y: {range: (u, lo, hi) => [0, hi * 1.05 || 1]}},
      axes: [{...line, grid: {show: false}, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000]}, {...line, size: 64, grid: {stroke: colour('grid'), width: 1}, ticks: {show: false}, values: (u, places) => places.map(v => number(v, 4))}],
      legend: {live: true}, cursor: {drag: {x: false, y: false}}, series: [{label: 'step', value: (u, v) => v === null ? '' : String(v)}, ...names.map((name, rank) => ({...look(name, rank), value: (u, v) => number(v, 4)}))],
    }, [steps, ...names.map(name => data.by_step[name])], place);
  };
  draw();
  let width = place.clientWidth;
  new ResizeObserver(() => { if (place.clientWidth !== width) { width = place.clientWidth; draw(); } }).observe(place);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
}

function start() {
  document.documentElement.classList.add('alive');
  document.documentElement.classList.toggle('several', data.series.length > 1);
  chart = new Chart($('chart'), $('strip'), told);
  for (const [id, act] of Object.entries({'zoom-in': () => chart.zoom(0.6), 'zoom-out': () => chart.zoom(1 / 0.6), earlier: () => chart.pan(-0.4), later: () => chart.pan(0.4),
    everything: () => chart.look(...chart.limits), usual: () => chart.look(...usualWindow(chart.own))})) $(id).addEventListener('click', act);
  $('candidate-part').hidden = !data.candidates.length;
  if (data.candidates.length) candidateTable($('candidates'));
  errorsByStep();
  if (data.series.length > 1) new List($('list'), choose);
  choose(0);
  // On paper the colours are those of the light page, whatever the screen has.
  addEventListener('beforeprint', () => { document.documentElement.classList.add('paper'); chart.draw(); });
  addEventListener('afterprint', () => { document.documentElement.classList.remove('paper'); chart.draw(); });
}
start();
