// The diagram as a picture: SVG, PNG (twice the size, for a document), or on paper.

const SCALE = 2;
const LARGEST = 16000; // pixels of an edge; a browser's canvas holds no more

function give(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

const svgOf = async (modeler) => new Blob([(await modeler.saveSVG()).svg], { type: 'image/svg+xml' });

async function imageOf(modeler) {
  const image = new Image();
  image.src = URL.createObjectURL(await svgOf(modeler));
  await image.decode();
  return image;
}

export async function svg(modeler, name) { give(await svgOf(modeler), `${name}.svg`); }

export async function png(modeler, name) {
  const image = await imageOf(modeler);
  const scale = Math.min(SCALE, LARGEST / Math.max(image.width, image.height));
  const canvas = Object.assign(document.createElement('canvas'), { width: Math.ceil(image.width * scale), height: Math.ceil(image.height * scale) });
  const pen = canvas.getContext('2d');
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  give(await new Promise((done) => { canvas.toBlob(done, 'image/png'); }), `${name}.png`);
}

/** Prints the whole diagram on one page; what is on the screen stays. */
export async function print(modeler) {
  const image = await imageOf(modeler);
  image.className = 'linli-print';
  document.body.append(image);
  document.body.classList.add('linli-printing');
  window.print();
  document.body.classList.remove('linli-printing');
  image.remove();
  URL.revokeObjectURL(image.src);
}
