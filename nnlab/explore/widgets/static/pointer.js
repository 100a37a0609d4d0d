// The mouse over the picture of an explorer. The picture is the output before the controls; it is replaced in place, so
// what listens is the box around it, and what lies over it is a layer in that box, in shares of the displayed picture.
function render({model, el}) {
  const id = Math.random().toString(36).slice(2);
  let host = null, layer = null, tip = null, editor = null, opener = null, sizes = null;
  let tries = 0, gone = false, last = '', start = null;

  const make = (tag, name, parent, text = '') => {
    const made = parent.appendChild(document.createElement(tag));
    if (name) made.className = name;
    made.textContent = text;
    return made;
  };
  el.className = 'nnlab-pointer-note';

  // One message at a time: the kernel answers each. Of moves that wait, and of texts for one field, the last one counts.
  const queue = [];
  let waiting = false;
  const kind = event => event[0] === 'leave' ? 'move' : event[0] === 'enter' ? 'enter ' + event[1] : event[0];
  const send = (...event) => {
    const end = queue[queue.length - 1];
    if (end && kind(end) === kind(event) && /^(move|enter)/.test(kind(event))) queue.pop();
    queue.push(event);
    next();
  };
  const next = () => {
    if (waiting || !queue.length) return;
    waiting = true;
    model.send({id, event: queue.shift()});
  };
  const answered = message => {
    if (message.done !== id) return;
    waiting = false;
    next();
  };

  // ---- hovering and clicks
  const picture = () => host.querySelector('.jp-RenderedImage img');
  const round = n => Math.round(1e4 * Math.min(1, Math.max(0, n))) / 1e4;
  const place = event => {
    const box = layer.getBoundingClientRect();
    return [round((event.clientX - box.left) / box.width), round(1 - (event.clientY - box.top) / box.height)];
  };
  const over = event => {  // by its place: the picture itself may be replaced at this moment
    const box = layer.getBoundingClientRect(), {clientX: x, clientY: y} = event;
    return !layer.contains(event.target) && x >= box.left && x < box.right && y >= box.top && y < box.bottom;
  };
  const move = event => {
    const now = over(event) ? ['move', ...place(event)] : ['leave'];
    if (String(now) === last) return;
    last = String(now);
    if (over(event)) {
      const box = layer.getBoundingClientRect(), x = event.clientX - box.left, right = x > 0.7 * box.width;
      tip.style.left = right ? '' : x + 14 + 'px';
      tip.style.right = right ? box.width - x + 14 + 'px' : '';
      tip.style.top = event.clientY - box.top + 14 + 'px';
    }
    send(...now);
  };
  const leave = () => { if (last !== 'leave') send(last = 'leave'); };
  // not the page's own click, which is lost when the picture is replaced while the button is down
  const down = event => { start = over(event) && !event.button ? [event.clientX, event.clientY] : null; };
  const up = event => {
    if (start && over(event) && Math.hypot(event.clientX - start[0], event.clientY - start[1]) < 5) {
      send('click', ...place(event));
    }
    start = null;
  };

  // ---- what lies over the picture
  const percent = share => 100 * share + '%';
  const fit = () => {
    if (!picture()) return;
    const box = picture().getBoundingClientRect(), around = host.getBoundingClientRect();
    layer.style.left = box.left - around.left + 'px';
    layer.style.top = box.top - around.top + 'px';
    layer.style.width = box.width + 'px';
    layer.style.height = box.height + 'px';
    const width = Number(picture().getAttribute('width')) || box.width;
    layer.style.setProperty('--nnlab-scale', box.width / width);
  };
  const hint = () => {
    tip.textContent = editor ? '' : model.get('tip');
    host.classList.toggle('nnlab-pointer-hot', !!model.get('tip'));
  };
  const buttons = () => {
    const wanted = model.get('buttons'), known = new Map();
    let lost = false;
    for (const old of layer.querySelectorAll(':scope > button')) {
      if (wanted.some(each => each.key === old.dataset.key)) { known.set(old.dataset.key, old); continue; }
      lost = lost || old === document.activeElement;
      old.remove();
    }
    let after = null;  // buttons that stay are not moved: one that is moved loses the focus
    for (const each of [...wanted].reverse()) {
      let button = known.get(each.key);
      if (!button) {
        button = layer.insertBefore(document.createElement('button'), after || tip);
        button.dataset.key = each.key;
        button.onclick = () => { if (button.getAttribute('aria-disabled') !== 'true') send('press', each.key); };
      }
      button.textContent = each.text;
      button.title = each.label;
      if (each.head) button.dataset.head = each.head;
      button.setAttribute('aria-label', each.label);
      button.setAttribute('aria-disabled', !!each.off);  // not `disabled`, which would lose the focus
      button.style.left = percent(each.left);
      button.style.top = percent(each.top);
      after = button;
    }
    if (lost) ([...layer.querySelectorAll(':scope > button')].pop() || layer).focus({preventScroll: true});
  };

  // ---- the fields
  const commit = input => {
    if (input.value === input.dataset.sent) return;
    input.dataset.sent = input.value;
    send('enter', input.dataset.key, input.value);
  };
  const shut = () => {
    if (!editor) return;
    const old = editor, focused = old.contains(document.activeElement);
    editor = null;
    old.remove();
    if (focused) (opener && opener.isConnected ? opener : layer).focus({preventScroll: true});
    hint();
  };
  const open = want => {
    const at = document.activeElement;
    opener = at && el.closest('.jp-OutputArea').contains(at) ? at : null;
    const opened = performance.now();
    const box = editor = make('div', 'nnlab-pointer-editor', layer);
    box.dataset.id = want.id;
    box.setAttribute('role', 'group');
    box.setAttribute('aria-label', want.title);
    make('b', '', box, want.title);
    for (const each of want.fields) {
      const input = make('input', '', make('label', '', box, each.label));
      input.inputMode = 'decimal';
      input.dataset.key = each.key;
      input.value = input.dataset.sent = each.value;
    }
    make('p', '', box).setAttribute('role', 'alert');
    const inputs = [...box.querySelectorAll('input')];
    box.onkeydown = event => {
      const step = {ArrowUp: 0.1, ArrowDown: -0.1}[event.key];
      if (event.key === 'Enter') { inputs.forEach(commit); send('close'); }
      else if (event.key === 'Escape') send('escape');
      else if (step && isFinite(Number(event.target.value))) {
        event.target.value = Math.round(1e6 * (Number(event.target.value) + step)) / 1e6;
        commit(event.target);
      } else return;
      event.preventDefault();
      event.stopPropagation();
    };
    box.addEventListener('focusout', event => {
      if (editor !== box) return;  // it was shut
      const to = event.relatedTarget;
      if (to && to.contains(host) && performance.now() - opened < 500) {  // JupyterLab, late after the click that opened it
        setTimeout(() => { if (editor === box) event.target.focus({preventScroll: true}); });
        return;
      }
      commit(event.target);
      if (!box.contains(event.relatedTarget)) send('close');
    });
    box.style.left = `max(0px, min(${percent(want.left)} + 10px, 100% - 256px))`;
    box.style.top = '0';
    const high = box.offsetHeight;
    box.style.top = `max(0px, min(${percent(want.top)} + 8px, 100% - ${high + 4}px))`;
    inputs[0].focus({preventScroll: true});
    inputs[0].select();
    hint();
  };
  const edit = () => {
    const want = model.get('editor');
    if (editor && editor.dataset.id !== String(want.id)) shut();
    if (!want.fields) return;
    if (!editor) open(want);
    editor.querySelector('p').textContent = want.error;
    for (const each of want.fields) {
      const input = [...editor.querySelectorAll('input')].find(one => one.dataset.key === each.key);
      if (input !== document.activeElement && !want.error) input.value = input.dataset.sent = each.value;
    }
  };

  const follow = {tip: hint, buttons, editor: edit};
  const listen = () => {
    if (gone) return;
    const mine = el.closest('.jp-OutputArea-child');
    host = mine && mine.previousElementSibling;
    if (!host || !picture()) {
      host = null;
      if (tries++ < 100) setTimeout(listen, 50);
      return;
    }
    el.textContent = model.get('description');
    host.classList.add('nnlab-pointer-host');
    layer = make('div', 'nnlab-pointer-layer', host);
    layer.tabIndex = -1;
    layer.setAttribute('role', 'group');
    layer.setAttribute('aria-label', 'On the picture');
    layer.setAttribute('data-lm-suppress-shortcuts', 'true');  // JupyterLab leaves our keys alone
    tip = make('div', 'nnlab-pointer-tip', layer);
    host.addEventListener('pointermove', move);
    host.addEventListener('pointerleave', leave);
    host.addEventListener('pointerdown', down);
    host.addEventListener('pointerup', up);
    sizes = new ResizeObserver(fit);
    sizes.observe(host);
    fit();
    for (const [name, act] of Object.entries(follow)) { model.on('change:' + name, act); act(); }
    model.on('msg:custom', answered);
  };
  listen();
  return () => {
    gone = true;
    if (!host) return;
    host.removeEventListener('pointermove', move);
    host.removeEventListener('pointerleave', leave);
    host.removeEventListener('pointerdown', down);
    host.removeEventListener('pointerup', up);
    host.classList.remove('nnlab-pointer-host', 'nnlab-pointer-hot');
    sizes.disconnect();
    for (const [name, act] of Object.entries(follow)) model.off('change:' + name, act);
    model.off('msg:custom', answered);
    layer.remove();
  };
}
export default {render};
