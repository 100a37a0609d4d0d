// The pad: `value` holds strokes [[pen, [[u, v], ...]], ...], u and v from 0 to 1, from the lower left corner.
function render({model, el}) {
  const get = name => model.get(name);
  const side = get('side'), lines = get('kind') === 'lines';
  let pen = 0, down = false, cursor = [0.5, 0.5], waiting = false;

  const make = (tag, text, parent) => {
    const made = parent.appendChild(document.createElement(tag));
    made.textContent = text;
    return made;
  };
  el.classList.add('nnlab-pad');
  el.setAttribute('data-lm-suppress-shortcuts', 'true');  // JupyterLab leaves our keys alone
  make('span', get('description'), el).className = 'nnlab-pad-label';
  const canvas = make('canvas', '', el), tools = make('div', '', el);
  tools.className = 'nnlab-pad-tools';
  const scale = window.devicePixelRatio || 1;
  canvas.width = canvas.height = side * scale;
  canvas.style.width = canvas.style.height = side + 'px';
  canvas.tabIndex = 0;
  canvas.title = get('help');
  canvas.setAttribute('role', 'application');
  canvas.setAttribute('aria-label', get('description') + ': arrow keys move, Space draws, Backspace undoes, ' +
    'a number takes a colour');

  const pens = get('pens').map((each, k) => {
    const button = make('button', each.mark + ' ' + each.name, tools);
    button.style.setProperty('--pen', each.colour);
    button.title = 'Draw ' + each.name + ' (key ' + (k + 1) + ')';
    button.onclick = () => take(k);
    if (get('pens').length < 2) button.hidden = true;
    return button;
  });
  const button = (text, title, act) => {
    const made = make('button', text, tools);
    made.title = title;
    made.onclick = act;
  };
  button('Undo', 'Take the last stroke back (Backspace)', () => set(strokes().slice(0, -1)));
  button('Clear', 'Begin with an empty pad', () => set([]));
  make('small', lines ? 'Draw with the mouse. Keys: arrows move, Space lifts and lowers the pen.'
    : 'Click or drag. Keys: arrows move, Space puts a point, 1 and 2 choose.', tools);

  const strokes = () => model.get('value') || [];
  const take = k => { pen = k; pens.forEach((p, i) => p.setAttribute('aria-pressed', i === k)); draw(); };
  const set = value => {
    model.set('value', value);
    draw();
    if (waiting) return;  // at most one message a screen frame
    waiting = true;
    requestAnimationFrame(() => { waiting = false; model.save_changes(); });
  };
  const clamp = n => Math.round(1e4 * Math.min(1, Math.max(0, n))) / 1e4;

  // A stroke begins, or goes on: points keep a distance, so that a slow hand makes no heap.
  const begin = at => { down = true; set([...strokes(), [pen, [at.map(clamp)]]]); };
  const go = at => {
    const all = strokes(), [which, points] = all[all.length - 1], last = points[points.length - 1];
    if (Math.hypot(at[0] - last[0], at[1] - last[1]) < (lines ? 0.008 : 0.04)) return;
    set([...all.slice(0, -1), [which, [...points, at.map(clamp)]]]);
  };
  const place = event => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height];
  };
  canvas.onpointerdown = event => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    canvas.focus({preventScroll: true});
    begin(cursor = place(event));
    event.preventDefault();
  };
  canvas.onpointermove = event => { if (down) go(cursor = place(event)); };
  canvas.onpointerup = canvas.onpointercancel = () => { down = false; };
  canvas.onfocus = canvas.onblur = () => { down = false; draw(); };

  const moves = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
  canvas.onkeydown = event => {
    const move = moves[event.key], step = event.shiftKey ? 0.01 : 0.05;
    if (move) {
      cursor = cursor.map((c, i) => clamp(c + step * move[i]));
      if (down) go(cursor);
    } else if (event.key === ' ') {
      if (down) down = false;
      else { begin(cursor); down = lines; }
    } else if (event.key === 'Backspace') { down = false; set(strokes().slice(0, -1)); }
    else if (get('pens')[event.key - 1]) take(event.key - 1);
    else return;
    draw();
    event.preventDefault();
  };

  const draw = () => {
    const c = canvas.getContext('2d'), wide = get('width') * side;
    c.setTransform(scale, 0, 0, scale, 0, 0);
    c.fillStyle = '#fdfdfb';
    c.fillRect(0, 0, side, side);
    c.lineCap = c.lineJoin = 'round';
    if (!lines) {
      c.fillStyle = '#e4e4e0';
      c.fillRect(side / 2, 0, 1, side);
      c.fillRect(0, side / 2, side, 1);
    }
    for (const [which, points] of strokes()) {
      const path = points.map(([u, v]) => [u * side, (1 - v) * side]);
      c.fillStyle = c.strokeStyle = get('pens')[which].colour;
      c.lineWidth = wide;
      c.beginPath();
      if (lines) {
        path.forEach(([x, y]) => c.lineTo(x, y));
        if (path.length === 1) c.lineTo(path[0][0] + 0.01, path[0][1]);
        c.stroke();
      } else {
        for (const [x, y] of path) {
          const r = wide / 2;
          if (which % 2) { c.moveTo(x, y - r); c.lineTo(x + r, y + r); c.lineTo(x - r, y + r); c.closePath(); }
          else { c.moveTo(x + r, y); c.arc(x, y, r, 0, 7); }
        }
        c.fill();
      }
    }
    if (document.activeElement === canvas) {
      c.strokeStyle = get('pens')[pen].colour;
      c.lineWidth = 1.5;
      c.beginPath();
      c.arc(cursor[0] * side, (1 - cursor[1]) * side, Math.max(5, wide / 2), 0, 7);
      c.stroke();
    }
  };
  model.on('change:value', draw);
  take(0);
}
export default {render};
