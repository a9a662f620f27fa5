// What the page holds, decoded: stamps, values and how they are written. Nothing here touches the document.
const data = JSON.parse(document.getElementById('data').textContent);

function bytes(base64) {
  const text = atob(base64), out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
  return out.buffer;
}

// A column is a list, or the base64 of float64 ("d") or float32 ("f") numbers; what is missing is null.
function column(packed) {
  if (!packed) return [];
  if (Array.isArray(packed)) return packed;
  const values = packed.d ? new Float64Array(bytes(packed.d)) : new Float32Array(bytes(packed.f));
  return Array.from(values, v => Number.isFinite(v) ? v : null);
}

// Stamps are runs of [first, step, count] in units of `unit` seconds (or rows, where they are numbers).
function stamps(packed) {
  const out = [];
  for (const [first, step, count] of packed.runs)
    for (let i = 0; i < count; i++) out.push((first + i * step) * packed.unit);
  return out;
}

// In the order of the scores, the chosen one first.
function ranked(predicted) {
  const place = name => name === data.chosen ? -1 : data.candidates.findIndex(c => c.model === name);
  return [...predicted].sort((a, b) => place(a[0]) - place(b[0]));
}

const decoded = new Map();
function series(i) {
  if (decoded.has(i)) return decoded.get(i);
  const raw = data.series[i], x = stamps(raw.ds), y = column(raw.y);
  const own = {
    raw, x, y, n: y.length, yhat: column(raw.yhat),
    bands: raw.bands.map(([level, lo, hi]) => ({level, lo: column(lo), hi: column(hi)})),
    repaired: new Set(raw.repaired.flatMap(([first, count]) => Array.from({length: count}, (_, k) => first + k))),
    origins: null,
  };
  if (raw.origins) {
    const {at, steps, predicted, bands} = raw.origins;
    own.origins = {
      at, steps,
      predicted: ranked(predicted).map(([name, packed]) => ({name, values: column(packed)})),
      bands: bands.map(([level, lo, hi]) => ({level, lo: column(lo), hi: column(hi)})),
    };
  }
  if (decoded.size > 40) decoded.delete(decoded.keys().next().value);
  decoded.set(i, own);
  return own;
}

// Seconds between wall time and UTC at x: the last change at or before it.
function offset(own, x) {
  const changes = own.raw.offsets;
  let found = changes.length ? changes[0][1] : 0;
  for (const [from, seconds] of changes) { if (from > x) break; found = seconds; }
  return found;
}

const two = n => String(n).padStart(2, '0');
function zoneText(seconds) {
  const minutes = Math.abs(Math.round(seconds / 60));
  return (seconds < 0 ? '-' : '+') + two(Math.floor(minutes / 60)) + ':' + two(minutes % 60);
}

// One stamp for people: no seconds, and no clock at all, where the file has none.
function stampText(own, x) {
  if (!data.dated) return group(String(x));
  const at = offset(own, x), iso = new Date(Math.round((x + at) * 1000)).toISOString();
  const clock = data.clock === 'day' ? '' : ' ' + iso.slice(11, {minute: 16, second: 19, fine: 23}[data.clock]);
  const zone = data.zone ? ` ${data.zone}` + (data.clock === 'day' || data.zone === zoneText(at) || data.zone === 'UTC' ? '' : ` (${zoneText(at)})`) : '';
  return iso.slice(0, 10) + clock + zone;
}

function stampISO(own, x) {
  if (!data.dated) return String(x);
  const at = offset(own, x), iso = new Date(Math.round((x + at) * 1000)).toISOString().replace('Z', '');
  const text = data.clock === 'day' && !data.zone ? iso.slice(0, 10) : iso.replace(/\.000$/, '');
  return text + (data.zone ? zoneText(at) : '');
}

const group = text => text.replace(/^(-?\d+)/, whole => whole.replace(/\B(?=(\d{3})+(?!\d))/g, ','));

// Five digits that mean something, thousands set apart.
function number(v, digits = 5) {
  if (v === null || v === undefined || !Number.isFinite(v)) return '–';
  if (v === 0) return '0';
  const order = Math.floor(Math.log10(Math.abs(v)));
  if (order >= 9 || order < -4) return v.toExponential(digits - 1).replace(/\.?0+e/, 'e').replace('e+', 'e');
  const text = v.toFixed(Math.min(Math.max(digits - 1 - order, 0), 12));
  return group(text.includes('.') ? text.replace(/\.?0+$/, '') : text);
}

// Round places for ticks between lo and hi, in wall time where there are stamps; and what to write at them.
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200,
  86400, 172800, 345600, 604800, 1209600];
function ticks(own, lo, hi, most) {
  if (!data.dated) {
    const raw = (hi - lo) / most, power = 10 ** Math.floor(Math.log10(raw || 1));
    const step = Math.max([1, 2, 5, 10].map(k => k * power).find(s => s >= raw) || 1, 1), out = [];
    for (let v = Math.ceil(lo / step) * step; v <= hi; v += step) out.push(v);
    return out;
  }
  const first = lo + offset(own, lo), last = hi + offset(own, hi), span = last - first, walls = [];
  const step = STEPS.find(s => span / s <= most);
  if (step) {
    const monday = step >= 604800 ? 345600 : 0;
    for (let w = Math.ceil((first - monday) / step) * step + monday; w <= last; w += step) walls.push(w);
  } else {
    const months = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200].find(m => span / (m * 2629746) <= most) || 2400;
    const start = new Date(first * 1000);
    let m = Math.ceil((start.getUTCFullYear() * 12 + start.getUTCMonth()) / months) * months;
    for (; ; m += months) {
      const wall = Date.UTC(2000, 0, 1) / 1000 + 0, at = new Date(wall * 1000);
      at.setUTCFullYear(Math.floor(m / 12), m % 12, 1);
      if (at.getTime() / 1000 > last) break;
      if (at.getTime() / 1000 >= first) walls.push(at.getTime() / 1000);
    }
  }
  return walls.map(w => w - offset(own, w - offset(own, lo))).filter(x => x >= lo && x <= hi);
}
function tickTexts(own, places) {
  if (!data.dated) return places.map(v => group(String(v)));
  let before = '';
  return places.map(x => {
    const iso = new Date(Math.round((x + offset(own, x)) * 1000)).toISOString(), day = iso.slice(0, 10);
    const gap = places.length > 1 ? places[1] - places[0] : 86400, clock = iso.slice(11, gap < 60 ? 19 : 16);
    const monthly = gap > 27 * 86400, yearly = gap > 360 * 86400;
    const text = yearly ? day.slice(0, 4) : monthly ? day.slice(0, 7)
      : gap >= 86400 ? (before.slice(0, 4) === day.slice(0, 4) ? day.slice(5) : day)
      : before === day ? clock : clock + '\n' + (before.slice(0, 4) === day.slice(0, 4) ? day.slice(5) : day);
    before = day;
    return text;
  });
}

// What the intervals of a level held of what was held out, in words: "80 %: held 84 of 100".
function heldText(level, pair) {
  if (!pair || !pair[1]) return `${level} %`;
  const [held, of] = pair[1] > 100 ? [Math.round(100 * pair[0] / pair[1]), 100] : pair;
  return `${level} %: held ${held} of ${of}`;
}
