// The window on the strip, moved and stretched with a mouse, a finger or the keyboard; and fingers on the chart.
class Brush {
  constructor(chart, over) {
    this.chart = chart; this.over = over;
    this.box = document.createElement('div');
    this.box.className = 'brush';
    this.ends = ['from', 'to'].map((side, i) => {
      const grip = document.createElement('div');
      grip.className = 'grip ' + side;
      grip.tabIndex = 0;
      grip.setAttribute('role', 'slider');
      grip.setAttribute('aria-label', i ? 'end of what is shown' : 'start of what is shown');
      grip.addEventListener('keydown', event => {
        const by = {ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: -0.1, PageUp: 0.1}[event.key];
        if (!by) return;
        event.preventDefault();
        this.move(i ? 'to' : 'from', by);
      });
      this.box.append(grip);
      return grip;
    });
    over.append(this.box);
    over.addEventListener('pointerdown', event => this.begin(event));
  }
  get share() { const [a, b] = this.chart.limits; return x => b > a ? (x - a) / (b - a) : 0; }
  place() {
    const [lo, hi] = this.chart.window, left = 100 * this.share(lo), right = 100 * this.share(hi);
    this.box.style.left = left + '%';
    this.box.style.width = Math.max(right - left, 0.4) + '%';
    this.ends.forEach((grip, i) => {
      const own = this.chart.own, x = i ? hi : lo;
      grip.setAttribute('aria-valuemin', '0'); grip.setAttribute('aria-valuemax', '100');
      grip.setAttribute('aria-valuenow', String(Math.round(i ? right : left)));
      grip.setAttribute('aria-valuetext', stampText(own, data.dated ? x : Math.round(x)));
    });
  }
  move(part, by, [lo, hi] = this.chart.window) {
    const [a, b] = this.chart.limits, shift = by * (b - a);
    if (part === 'from') this.chart.look(Math.max(Math.min(lo + shift, hi), a), hi);
    else if (part === 'to') this.chart.look(lo, Math.min(Math.max(hi + shift, lo), b));
    else this.chart.look(lo + shift, hi + shift);
  }
  begin(event) {
    event.preventDefault();
    const part = event.target.classList.contains('from') ? 'from' : event.target.classList.contains('to') ? 'to' : 'both';
    const width = this.over.clientWidth, start = event.clientX;
    if (part === 'both' && event.target !== this.box) {
      const [a, b] = this.chart.limits, [lo, hi] = this.chart.window, x = a + (b - a) * (start - this.over.getBoundingClientRect().left) / width;
      this.chart.look(x - (hi - lo) / 2, x + (hi - lo) / 2);
    }
    const before = this.chart.window;
    this.over.setPointerCapture(event.pointerId);
    const moved = e => this.move(part, (e.clientX - start) / width, before);
    const ended = () => { this.over.removeEventListener('pointermove', moved); };
    this.over.addEventListener('pointermove', moved);
    this.over.addEventListener('pointerup', ended, {once: true});
    this.over.addEventListener('pointercancel', ended, {once: true});
  }
}

// One finger moves along, two stretch; the wheel zooms with Ctrl held (as a pinch on a trackpad does); Shift drags.
function fingers(chart) {
  const over = chart.plot.over, down = new Map();
  let before = null;
  const at = event => event.clientX - over.getBoundingClientRect().left;
  over.addEventListener('wheel', event => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    chart.zoom(event.deltaY > 0 ? 1.25 : 0.8, chart.plot.posToVal(at(event), 'x'));
  }, {passive: false});
  over.addEventListener('mousedown', event => {
    if (!event.shiftKey) return;
    event.stopImmediatePropagation(); event.preventDefault();
    const start = at(event), [lo, hi] = chart.window, width = over.clientWidth;
    const moved = e => { const by = (start - at(e)) / width * (hi - lo); chart.look(lo + by, hi + by); };
    addEventListener('mousemove', moved);
    addEventListener('mouseup', () => removeEventListener('mousemove', moved), {once: true});
  }, true);
  over.addEventListener('pointerdown', event => {
    if (event.pointerType !== 'touch') return;
    down.set(event.pointerId, at(event));
    before = {window: chart.window, places: [...down.values()]};
  });
  over.addEventListener('pointermove', event => {
    if (!down.has(event.pointerId)) return;
    down.set(event.pointerId, at(event));
    const places = [...down.values()], [lo, hi] = before.window, width = over.clientWidth;
    if (places.length === 1) {
      const by = (before.places[0] - places[0]) / width * (hi - lo);
      chart.look(lo + by, hi + by);
    } else if (before.places.length > 1) {
      const factor = Math.max(Math.abs(before.places[0] - before.places[1]), 10) / Math.max(Math.abs(places[0] - places[1]), 10);
      const middle = lo + (hi - lo) * (before.places[0] + before.places[1]) / 2 / width;
      chart.look(middle - (middle - lo) * factor, middle + (hi - middle) * factor);
    }
  });
  for (const name of ['pointerup', 'pointercancel'])
    over.addEventListener(name, event => { down.delete(event.pointerId); before = {window: chart.window, places: [...down.values()]}; });
}
