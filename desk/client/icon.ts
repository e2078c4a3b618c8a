import type { IconNode } from 'lucide'

const SVG = 'http://www.w3.org/2000/svg'
const drawn = new WeakMap<IconNode, SVGSVGElement>()

function draw(node: IconNode): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg')
  const attributes = {
    viewBox: '0 0 24 24',
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': '1.75',
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
    'aria-hidden': 'true',
    focusable: 'false',
  }
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value)
  for (const [tag, shape] of node) {
    const child = document.createElementNS(SVG, tag)
    for (const [name, value] of Object.entries(shape)) child.setAttribute(name, String(value))
    svg.append(child)
  }
  return svg
}

/** An icon of the one stroke family, `size` px square, hidden from assistive technology: its button has the label. */
export function icon(node: IconNode, size = 18): SVGSVGElement {
  const cached = drawn.get(node) ?? draw(node)
  drawn.set(node, cached)
  const svg = cached.cloneNode(true) as SVGSVGElement
  svg.setAttribute('width', String(size))
  svg.setAttribute('height', String(size))
  return svg
}
