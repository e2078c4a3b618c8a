/** The filter of the API's page, and the way to a method by the address's fragment. */
const filter = document.querySelector<HTMLInputElement>('#filter')
const methods = [...document.querySelectorAll<HTMLDetailsElement>('.method')]
const sections = [...document.querySelectorAll<HTMLElement>('.api section')]
const nothing = document.querySelector<HTMLElement>('#nothing')

function apply(): void {
  const words = (filter?.value ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  for (const method of methods) {
    const names = method.dataset.names ?? ''
    method.hidden = !words.every((word) => names.includes(word))
  }
  for (const section of sections)
    section.hidden = [...section.querySelectorAll<HTMLElement>('.method')].every(({ hidden }) => hidden)
  if (nothing) nothing.hidden = sections.some(({ hidden }) => !hidden)
}

function openNamed(): void {
  const named = methods.find(({ id }) => id === decodeURIComponent(location.hash.slice(1)))
  if (!named) return
  named.open = true
  named.scrollIntoView()
}

filter?.addEventListener('input', apply)
addEventListener('hashchange', openNamed)
apply()
openNamed()
