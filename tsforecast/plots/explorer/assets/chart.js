// The chart of one series: history, fan, held-out forecasts, what was repaired; and the strip below it that says which
// part of the past is shown.
const colour = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
const EXTRA = ['repair', 'soft', 'held2', 'held3', 'held4', 'held5'];
const shownLevels = new Set(data.series.length ? data.series[0].bands.map(b => b[0]) : []);
const shownNames = new Set([data.chosen]);

function table(own, origin) {
  const length = own.x.length, empty = () => new Array(length).fill(null);
  const lay = (values, from) => { const out = empty(); values.forEach((v, i) => { out[from + i] = v; }); return out; };
  const columns = [own.x], kinds = [];
  const add = (kind, values) => { columns.push(values); kinds.push(kind); };
  const beyond = own.raw.beyond === null ? own.yhat.length : own.raw.beyond;
  for (const band of own.bands) {
    add({what: 'edge', level: band.level, side: 'hi'}, lay(band.hi, own.n));
    add({what: 'edge', level: band.level, side: 'lo'}, lay(band.lo, own.n));
  }
  const held = own.origins && origin !== null ? own.origins : null;
  if (held) {
    const part = values => values.slice(origin * held.steps, (origin + 1) * held.steps), at = held.at[origin];
    for (const band of held.bands) {
      add({what: 'heldedge', level: band.level, side: 'hi'}, lay(part(band.hi), at));
      add({what: 'heldedge', level: band.level, side: 'lo'}, lay(part(band.lo), at));
    }
    for (const {name, values} of held.predicted) add({what: 'held', name}, lay(part(values), at));
  }
  add({what: 'observed'}, lay(own.y, 0));
  add({what: 'repaired'}, own.x.map((_, i) => own.repaired.has(i) ? own.y[i] : null));
  add({what: 'forecast'}, lay(own.yhat.slice(0, Math.min(beyond + 1, own.yhat.length)), own.n));
  add({what: 'lost'}, lay(own.yhat.slice(beyond), own.n + beyond));
  return {columns, kinds};
}

const visible = kind => kind.what === 'edge' || kind.what === 'heldedge' ? shownLevels.has(kind.level)
  : kind.what === 'held' ? shownNames.has(kind.name) : true;

function bandFill(kinds, level, held) {
  if (held) return colour('heldfan');
  const levels = kinds.filter(k => k.what === 'edge' && k.side === 'hi').map(k => k.level);
  const names = {1: [2], 2: [1, 3], 3: [1, 2, 4]}[levels.length] || [1, 2, 3, 4, 4, 4, 4, 4];
  return colour('fan' + names[levels.indexOf(level)]);
}

function strokes(kinds, names) {
  return kinds.map(kind => {
    const shared = {show: visible(kind), spanGaps: false, points: {show: false}, label: kind.what};
    if (kind.what === 'edge' || kind.what === 'heldedge') return {...shared, stroke: 'transparent', width: 0};
    if (kind.what === 'repaired')
      return {...shared, paths: () => null, points: {show: true, size: 6, stroke: colour('repair'), fill: colour('paper'), width: 1.2}};
    if (kind.what === 'held') {
      const chosen = kind.name === data.chosen, rank = names.indexOf(kind.name);
      return {...shared, stroke: colour(chosen ? 'held' : EXTRA[rank % EXTRA.length]), width: chosen ? 1.6 : 1.2,
        dash: chosen ? [] : [[6, 2], [2, 2], [8, 2, 2, 2]][rank % 3]};
    }
    return {...shared, stroke: colour({observed: 'ink', forecast: 'forecast', lost: 'lost'}[kind.what]),
      width: kind.what === 'observed' ? 1.3 : 1.8, points: {show: kind.what === 'forecast' ? false : undefined, size: 4}};
  });
}

// Of a band no more is drawn than three times what the lines need: else a wide one would leave them flat.
function valueRange(columns, kinds, lo, hi) {
  let low = Infinity, high = -Infinity, wideLow = Infinity, wideHigh = -Infinity;
  const x = columns[0];
  let from = 0, to = x.length - 1;
  while (from < to && x[from] < lo) from++;
  while (to > from && x[to] > hi) to--;
  kinds.forEach((kind, k) => {
    if (!visible(kind) || kind.what === 'repaired') return;
    const values = columns[k + 1], edge = kind.what.endsWith('edge');
    for (let i = from; i <= to; i++) {
      const v = values[i];
      if (v === null) continue;
      if (edge) { if (v < wideLow) wideLow = v; if (v > wideHigh) wideHigh = v; }
      else { if (v < low) low = v; if (v > high) high = v; }
    }
  });
  if (low === Infinity) return [0, 1];
  const room = 3 * (high - low) || Infinity;
  low = Math.max(Math.min(low, wideLow), low - room);
  high = Math.min(Math.max(high, wideHigh), high + room);
  const margin = (high - low) * 0.06 || Math.abs(high) * 0.05 || 1;
  return [low - margin, high + margin];
}

function axes(own, narrow) {
  const line = {stroke: colour('soft'), font: '12px system-ui, sans-serif'};
  return [
    {...line, size: 44, grid: {show: false}, ticks: {stroke: colour('edge'), size: 4},
      splits: (u, i, lo, hi) => ticks(own, lo, hi, Math.max(2, Math.floor(u.bbox.width / devicePixelRatio / 95))),
      values: (u, places) => tickTexts(own, places)},
    {...line, size: (u, texts) => 14 + Math.max(24, ...(texts || []).map(t => t.length * 6.8)), gap: 4,
      grid: {stroke: colour('grid'), width: 1}, ticks: {show: false}, values: (u, places) => places.map(v => number(v, 6)),
      label: narrow ? undefined : own.raw.label || undefined, labelSize: 18, labelFont: '12px system-ui, sans-serif'},
  ];
}

function shade(own) {
  return u => {
    const {ctx, bbox} = u, last = own.x.length - 1;
    const place = x => Math.min(Math.max(u.valToPos(x, 'x', true), bbox.left), bbox.left + bbox.width);
    ctx.save();
    if (own.raw.beyond !== null && own.raw.beyond < own.yhat.length) {
      const from = own.n + own.raw.beyond, left = place(from ? own.x[Math.max(from - 1, 0)] : own.x[0]), right = place(own.x[last]);
      ctx.fillStyle = colour('beyond');
      ctx.fillRect(left, bbox.top, Math.max(right - left, 0), bbox.height);
    }
    if (own.n && own.yhat.length) {
      const at = u.valToPos(own.x[own.n - 1], 'x', true);
      if (at >= bbox.left && at <= bbox.left + bbox.width) {
        ctx.strokeStyle = colour('soft');
        ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
        ctx.lineWidth = devicePixelRatio;
        ctx.beginPath(); ctx.moveTo(at, bbox.top); ctx.lineTo(at, bbox.top + bbox.height); ctx.stroke();
      }
    }
    ctx.restore();
  };
}

// What is first looked at: as much of the past as helps to judge the future.
function usualWindow(own) {
  const horizon = Math.max(own.yhat.length, 1), kept = Math.max(Math.min(4 * horizon + 2 * own.raw.season, 12 * horizon), 60);
  const from = Math.max(own.n - kept, 0);
  return [own.x[from], own.x[own.x.length - 1]];
}

class Chart {
  constructor(place, strip, told) {
    Object.assign(this, {place, strip, told, own: null, origin: null, window: null});
    new ResizeObserver(() => this.own && this.place.clientWidth !== this.width && this.draw()).observe(place);
    place.addEventListener('keydown', event => this.key(event));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.own && this.draw());
  }

  show(own) {
    this.own = own;
    this.origin = own.origins && own.origins.at.length ? own.origins.at.length - 1 : null;
    this.window = usualWindow(own);
    this.draw();
  }

  get limits() { return [this.own.x[0], this.own.x[this.own.x.length - 1]]; }

  draw() {
    if (this.plot) { this.plot.destroy(); this.overview.destroy(); }
    const own = this.own, {columns, kinds} = table(own, this.origin), width = this.place.clientWidth;
    const names = own.origins ? own.origins.predicted.map(p => p.name) : [];
    Object.assign(this, {columns, kinds, width});
    const bands = [];
    kinds.forEach((kind, i) => {
      if (kind.side === 'hi') bands.push({series: [i + 1, i + 2], fill: bandFill(kinds, kind.level, kind.what === 'heldedge')});
    });
    const height = Math.round(Math.min(Math.max(width * 0.42, 260), 460));
    this.plot = new uPlot({
      width, height, legend: {show: false}, bands,
      scales: {x: {time: false, range: (u, lo, hi) => this.window || [lo, hi]},
        y: {range: u => valueRange(columns, kinds, u.scales.x.min ?? this.window[0], u.scales.x.max ?? this.window[1])}},
      axes: axes(own, width < 520), series: [{}, ...strokes(kinds, names)],
      cursor: {drag: {x: true, y: false, setScale: false}, y: false, points: {size: 7}},
      hooks: {drawClear: [shade(own)], setCursor: [u => this.told(this, u.cursor.idx)], setSelect: [u => this.selected(u)]},
    }, columns, this.place);
    this.plot.over.addEventListener('dblclick', () => this.look(...this.limits));
    fingers(this);
    this.drawStrip();
  }

  drawStrip() {
    const {own} = this, whole = [own.x, own.x.map((_, i) => i < own.n ? own.y[i] : own.yhat[i - own.n])];
    this.overview = new uPlot({
      width: this.width, height: 54, legend: {show: false}, cursor: {show: false}, padding: [2, 0, 2, 0],
      scales: {x: {time: false}}, axes: [{show: false}, {show: false}],
      series: [{}, {stroke: colour('soft'), width: 1, points: {show: false}}], hooks: {},
    }, whole, this.strip);
    this.brush = new Brush(this, this.overview.over);
    this.brush.place();
  }

  look(lo, hi) {
    const [first, last] = this.limits, whole = last - first || 1, least = whole * Math.min(1, 4 / this.own.x.length);
    let span = Math.min(Math.max(hi - lo, least), whole), from = Math.min(Math.max((lo + hi - span) / 2, first), last - span);
    this.window = [from, from + span];
    this.plot.setScale('x', {min: from, max: from + span});
    this.brush.place();
  }

  zoom(factor, about = null) {
    const [lo, hi] = this.window, middle = about === null ? (lo + hi) / 2 : about;
    this.look(middle - (middle - lo) * factor, middle + (hi - middle) * factor);
  }
  pan(share) { const [lo, hi] = this.window, by = (hi - lo) * share; this.look(lo + by, hi + by); }

  selected(u) {
    if (u.select.width < 6) return;
    const lo = u.posToVal(u.select.left, 'x'), hi = u.posToVal(u.select.left + u.select.width, 'x');
    u.setSelect({left: 0, width: 0, top: 0, height: 0}, false);
    this.look(lo, hi);
  }

  toggled() {
    this.kinds.forEach((kind, i) => { if (this.plot.series[i + 1].show !== visible(kind)) this.plot.setSeries(i + 1, {show: visible(kind)}); });
    this.look(...this.window);
  }

  point(i) {
    const x = this.own.x[i], [lo, hi] = this.window;
    if (x < lo || x > hi) { const half = (hi - lo) / 2; this.look(x - half, x + half); }
    // the plot takes its new scale in a microtask of its own, which comes first
    queueMicrotask(() => this.plot.setCursor({left: this.plot.valToPos(x, 'x'), top: this.plot.over.clientHeight / 2}));
  }

  key(event) {
    const at = this.plot.cursor.idx ?? this.own.n - 1, last = this.own.x.length - 1;
    const step = event.ctrlKey || event.metaKey ? 10 : 1;
    const done = {
      ArrowLeft: () => event.shiftKey ? this.pan(-0.25) : this.point(Math.max(at - step, 0)),
      ArrowRight: () => event.shiftKey ? this.pan(0.25) : this.point(Math.min(at + step, last)),
      '+': () => this.zoom(0.6), '=': () => this.zoom(0.6), '-': () => this.zoom(1 / 0.6), '0': () => this.look(...this.limits),
      Home: () => this.point(0), End: () => this.point(last),
    }[event.key];
    if (done) { event.preventDefault(); done(); }
  }
}
