// Many series: found by name, sorted by how good their forecasts are; only the rows in sight are in the document.
const ROW = 40;

class List {
  constructor(root, chosen) {
    this.chosen = chosen;
    this.box = root.querySelector('.rows');
    this.sheet = root.querySelector('.sheet');
    this.count = root.querySelector('.count');
    this.search = root.querySelector('input');
    this.sorting = root.querySelector('select');
    this.names = data.series.map(s => s.name.toLowerCase());
    this.current = 0;
    this.rows = new Map();
    this.search.addEventListener('input', () => this.filter());
    this.sorting.addEventListener('change', () => this.filter());
    this.box.addEventListener('scroll', () => this.render());
    this.box.addEventListener('keydown', event => this.key(event));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.again());
    new ResizeObserver(() => this.render()).observe(this.box);
    this.filter();
  }

  // Best first; what could not be measured comes last.
  order(indices) {
    const by = this.sorting.value, value = {
      skill: s => s.skill, 'skill-worst': s => s.skill === null ? null : -s.skill,
      coverage: s => s.coverage === null ? null : Math.abs(s.coverage - data.levels[0]),
      rise: s => s.change, fall: s => s.change === null ? null : -s.change,
    }[by];
    if (by === 'name') return indices.sort((a, b) => this.names[a].localeCompare(this.names[b], undefined, {numeric: true}));
    if (!value) return indices;
    const key = i => { const v = value(data.series[i]); return v === null ? -Infinity : v; };
    return indices.sort((a, b) => key(b) - key(a) || a - b);
  }

  filter() {
    const wanted = this.search.value.trim().toLowerCase();
    const found = this.names.flatMap((name, i) => name.includes(wanted) ? [i] : []);
    this.shown = this.order(found);
    this.count.textContent = found.length === this.names.length ? `${group(String(found.length))} series`
      : `${group(String(found.length))} of ${group(String(this.names.length))} series`;
    this.sheet.style.height = this.shown.length * ROW + 'px';
    this.box.scrollTop = 0;
    this.again();
  }

  again() {
    for (const row of this.rows.values()) row.remove();
    this.rows.clear();
    this.render();
  }

  render() {
    const first = Math.max(Math.floor(this.box.scrollTop / ROW) - 4, 0);
    const last = Math.min(Math.ceil((this.box.scrollTop + this.box.clientHeight) / ROW) + 4, this.shown.length);
    for (const [at, row] of this.rows) if (at < first || at >= last) { row.remove(); this.rows.delete(at); }
    for (let at = first; at < last; at++) {
      if (this.rows.has(at)) continue;
      const row = this.row(at, this.shown[at]);
      this.rows.set(at, row);
      this.sheet.append(row);
    }
    for (const [at, row] of this.rows) {
      const on = this.shown[at] === this.current;
      row.setAttribute('aria-selected', String(on));
      if (on) this.box.setAttribute('aria-activedescendant', row.id);
    }
  }

  row(at, i) {
    const raw = data.series[i], row = document.createElement('div');
    row.className = 'row';
    row.id = 'row' + i;
    row.style.top = at * ROW + 'px';
    row.setAttribute('role', 'option');
    row.setAttribute('aria-setsize', String(this.shown.length));
    row.setAttribute('aria-posinset', String(at + 1));
    const name = document.createElement('span'), told = document.createElement('span'), canvas = document.createElement('canvas');
    name.className = 'name'; name.textContent = raw.name; name.title = raw.name;
    told.className = 'told';
    told.textContent = (raw.skill === null ? '' : `skill ${raw.skill.toFixed(2)}`)
      + (raw.coverage === null ? '' : `  ${Math.round(raw.coverage)} %`);
    told.classList.toggle('bad', raw.skill !== null && raw.skill <= 0);
    canvas.setAttribute('aria-hidden', 'true');
    spark(canvas, i);
    row.append(canvas, name, told);
    row.addEventListener('click', () => this.choose(i));
    return row;
  }

  choose(i) { this.current = i; this.render(); this.chosen(i); }

  key(event) {
    const at = this.shown.indexOf(this.current), page = Math.floor(this.box.clientHeight / ROW);
    const to = {ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: this.shown.length - 1}[event.key];
    if (to === undefined || !this.shown.length) return;
    event.preventDefault();
    const next = Math.min(Math.max(to, 0), this.shown.length - 1), top = next * ROW;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    if (top + ROW > this.box.scrollTop + this.box.clientHeight) this.box.scrollTop = top + ROW - this.box.clientHeight;
    this.choose(this.shown[next]);
  }
}

function spark(canvas, i) {
  const own = series(i), width = 96, height = 26, scale = devicePixelRatio || 1, context = canvas.getContext('2d');
  const past = own.y.slice(-Math.max(2 * own.yhat.length, 40)), all = [...past, ...own.yhat].filter(v => v !== null);
  canvas.width = width * scale; canvas.height = height * scale;
  if (!all.length) return;
  let low = Infinity, high = -Infinity;
  for (const v of all) { if (v < low) low = v; if (v > high) high = v; }
  const total = Math.max(past.length + own.yhat.length - 1, 1), room = (high - low) || 1;
  context.scale(scale, scale);
  const line = (values, from, ink) => {
    context.beginPath(); context.strokeStyle = colour(ink); context.lineWidth = 1.2;
    let on = false;
    values.forEach((v, k) => {
      if (v === null) { on = false; return; }
      const x = 2 + (from + k) / total * (width - 4), y = height - 3 - (v - low) / room * (height - 6);
      if (on) context.lineTo(x, y); else context.moveTo(x, y);
      on = true;
    });
    context.stroke();
  };
  line(past, 0, 'soft');
  line(own.yhat, past.length, 'forecast');
}
