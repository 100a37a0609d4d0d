// The picture stands in the same output area as the controls; it is replaced in place, so the area is what listens.
function render({model, el}) {
  el.className = 'nnlab-spot';
  let area = null, tries = 0, gone = false;
  const click = event => {
    const picture = event.target.closest('.jp-RenderedImage img');
    if (!picture || event.button) return;
    const box = picture.getBoundingClientRect();
    const round = n => Math.round(1e4 * Math.min(1, Math.max(0, n))) / 1e4;
    model.set('value', [
      round((event.clientX - box.left) / box.width),
      round(1 - (event.clientY - box.top) / box.height),
    ]);
    model.save_changes();
  };
  const listen = () => {
    if (gone) return;
    area = el.closest('.jp-OutputArea');
    if (!area) { if (tries++ < 100) setTimeout(listen, 50); return; }
    el.textContent = model.get('description');
    area.addEventListener('click', click);
  };
  listen();
  return () => { gone = true; if (area) area.removeEventListener('click', click); };
}
export default {render};
