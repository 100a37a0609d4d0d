// The page makes the picture small and grey before it is sent.
function render({model, el}) {
  const make = (tag, text, parent) => {
    const made = parent.appendChild(document.createElement(tag));
    made.textContent = text;
    return made;
  };
  const side = model.get('side'), least = model.get('least');
  el.classList.add('nnlab-pad');
  el.setAttribute('data-lm-suppress-shortcuts', 'true');  // JupyterLab leaves our keys alone
  make('span', model.get('description'), el).className = 'nnlab-pad-label';
  const input = make('input', '', el), remove = make('button', 'Remove', el), note = make('small', '', el);
  input.type = 'file';
  input.accept = 'image/*';
  input.title = model.get('help');
  input.setAttribute('aria-label', model.get('description'));
  note.setAttribute('role', 'status');
  remove.title = 'Go back to the pictures that are here';
  const set = value => { model.set('value', value); model.save_changes(); };
  const tell = () => { remove.disabled = !model.get('value'); };
  remove.onclick = () => { input.value = note.textContent = ''; set(''); };
  input.onchange = async () => {
    if (!input.files.length) return;
    note.textContent = '';
    try {
      const image = await createImageBitmap(input.files[0]);
      const scale = Math.min(1, side / Math.max(image.width, image.height));
      const [width, height] = [image.width, image.height].map(n => Math.max(least, Math.round(n * scale)));
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [width, height];
      const c = canvas.getContext('2d');
      c.imageSmoothingQuality = 'high';
      c.fillStyle = 'white';  // below what is transparent
      c.fillRect(0, 0, width, height);
      c.drawImage(image, 0, 0, width, height);
      const rgba = c.getImageData(0, 0, width, height).data;
      let grey = '';
      for (let i = 0; i < rgba.length; i += 4) {
        grey += String.fromCharCode(Math.round(0.299 * rgba[i] + 0.587 * rgba[i + 1] + 0.114 * rgba[i + 2]));
      }
      set(`${width}x${height}:${btoa(grey)}`);
    } catch (error) {
      note.textContent = 'The browser cannot read this file as a picture. Try a JPEG or a PNG.';
    }
  };
  model.on('change:value', tell);
  tell();
}
export default {render};
