// Tables and files, built node by node: a name from a file is text and never becomes markup.
function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function fill(place, heads, rows, marked = () => false) {
  const head = element('tr'), sheet = element('table'), top = element('thead'), body = element('tbody');
  for (const text of heads) head.append(element('th', text, {scope: 'col'}));
  top.append(head);
  for (const cells of rows) {
    const row = element('tr');
    cells.forEach((text, i) => row.append(element(i ? 'td' : 'th', text, i ? {} : {scope: 'row'})));
    if (marked(cells)) row.className = 'chosen';
    body.append(row);
  }
  sheet.append(top, body);
  place.replaceChildren(sheet);
}

function candidateTable(place) {
  const alone = data.series.length === 1, whole = data.candidates.some(c => c.weight !== null);
  const heads = ['model', ...(alone ? ['MAE', 'RMSE'] : []), 'sMAPE', 'MASE', 'skill', ...(whole ? ['weight'] : [])];
  const rows = data.candidates.map(c => [c.model, ...(alone ? [number(c.mae, 4), number(c.rmse, 4)] : []), fixed(c.smape, 2),
    fixed(c.mase, 3), c.model === data.reference ? 'the reference' : fixed(c.skill, 2), ...(whole ? [c.weight === null ? '' : fixed(c.weight, 2)] : [])]);
  fill(place, heads, rows, cells => cells[0] === data.chosen);
}
const fixed = (v, digits) => v === null ? '–' : v.toFixed(digits);

function forecastTable(own, place, all) {
  const heads = [data.zone ? `stamp (${data.zone})` : data.dated ? 'stamp' : 'row', 'forecast',
    ...own.bands.flatMap(b => [`low ${b.level} %`, `high ${b.level} %`]), ...(own.raw.beyond === null ? [] : ['beyond'])];
  const many = all ? own.yhat.length : 24, edges = own.bands.flatMap(b => [b.lo, b.hi]), cell = alike([own.yhat, ...edges].map(c => c.slice(0, many)));
  const rows = own.yhat.slice(0, many).map((v, i) => [stampText(own, own.x[own.n + i]).replace(data.zone ? ' ' + data.zone : '', ''),
    cell(v), ...edges.map(c => cell(c[i])),
    ...(own.raw.beyond === null ? [] : [i >= own.raw.beyond ? 'yes' : ''])]);
  fill(place, heads, rows);
  place.classList.toggle('all', all);
  return own.yhat.length > rows.length;
}

// All numbers of a table with the same decimals, about five digits of the largest.
function alike(columns) {
  const largest = Math.max(0, ...columns.flat().filter(v => v !== null).map(Math.abs)), order = largest ? Math.floor(Math.log10(largest)) : 0;
  if (order >= 9 || order <= -4) return v => number(v, 5);
  const decimals = Math.min(Math.max(4 - order, 0), 8);
  return v => v === null || v === undefined ? '–' : group(v.toFixed(decimals));
}

function repairTable(own, place) {
  const text = v => v === null ? '' : typeof v === 'number' ? number(v, 8) : String(v);
  fill(place, ['stamp', 'line', 'was', 'became', 'rule'], own.raw.repairs.map(([stamp, line, was, became, rule]) =>
    [stamp === null ? '' : stampText(own, stamp), line < 0 ? '' : group(String(line)), text(was), text(became), rule]));
}

function quoted(text) { return /[",\n\r]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text; }

function csv(own, what) {
  const levels = own.bands.flatMap(b => [`yhat_lo_${b.level}`, `yhat_hi_${b.level}`]), lines = [];
  const put = cells => lines.push(cells.map(v => v === null || v === undefined ? '' : quoted(String(v))).join(','));
  if (what === 'held' && own.origins) {
    const {at, steps, predicted} = own.origins;
    put(['cutoff', 'ds', 'step', 'observed', ...predicted.map(p => p.name)]);
    at.forEach((n, o) => { for (let s = 0; s < steps; s++)
      put([stampISO(own, own.x[n - 1] ?? own.x[n]), stampISO(own, own.x[n + s]), s + 1, own.repaired.has(n + s) ? null : own.y[n + s], ...predicted.map(p => p.values[o * steps + s])]); });
    return lines.join('\n') + '\n';
  }
  put(['unique_id', 'ds', ...(what === 'all' ? ['y', 'repaired'] : []), 'yhat', ...levels, ...(own.raw.beyond === null ? [] : ['beyond_horizon'])]);
  own.x.forEach((x, i) => {
    const step = i - own.n;
    if (step < 0 && what !== 'all') return;
    put([own.raw.name, stampISO(own, x), ...(what === 'all' ? [step < 0 ? own.y[i] : null, own.repaired.has(i) ? 'true' : ''] : []),
      step < 0 ? null : own.yhat[step], ...own.bands.flatMap(b => step < 0 ? [null, null] : [b.lo[step], b.hi[step]]),
      ...(own.raw.beyond === null ? [] : [step < 0 ? '' : String(step >= own.raw.beyond)])]);
  });
  return lines.join('\n') + '\n';
}

function download(own, what) {
  const link = element('a'), url = URL.createObjectURL(new Blob([csv(own, what)], {type: 'text/csv'}));
  link.href = url;
  link.download = (own.raw.name.replace(/[^\p{L}\p{N}._-]+/gu, '_').slice(0, 60) || 'series') + {forecast: '-forecast', all: '', held: '-held-out'}[what] + '.csv';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
