// Words that stand too faintly on their ground: less than 4.5 to 1 (3 to 1 where they are large), as WCAG 2 reckons it.
export const faintWords = () => {
  const pixel = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const known = {};
  const parse = (css) => (known[css] ??= (() => { // any notation of a colour, as the browser paints it
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = css;
    pixel.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  })());
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const light = (c) => [0.2126, 0.7152, 0.0722].reduce((sum, share, i) => { const v = c[i] / 255; return sum + share * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); }, 0);
  const ground = (e) => (e ? over(parse(getComputedStyle(e).backgroundColor), ground(e.parentElement)) : [255, 255, 255, 1]);
  const out = [];
  for (const e of document.querySelectorAll("body *")) {
    if (e.offsetParent === null || e.closest("canvas, svg, option, :disabled") || ![...e.childNodes].some((n) => n.nodeType === 3 && /[\p{L}\p{N}]/u.test(n.data))) continue;
    const style = getComputedStyle(e);
    if (style.visibility === "hidden" || style.backgroundImage !== "none") continue;
    const under = ground(e);
    const [a, b] = [light(over(parse(style.color), under)), light(under)].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < least) out.push(`faint words (${ratio.toFixed(1)} to 1): ${e.innerText.trim().slice(0, 30)} <${e.tagName.toLowerCase()} class="${e.className}">`);
  }
  return out;
};
