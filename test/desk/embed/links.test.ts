import t from 'tap'
import { underBase } from '../../../desk/http/pages.ts'
import { html, scriptJson } from '../../../desk/web/html.ts'

t.test('links of a page are put below its base, and nothing else', (t) => {
  const said = 'a href="/x" src="/y" <a href="/z">'
  const page = html`<a href="/desk">x</a><img alt="${said}" src="/files/a.png" />
    <form action="/login"></form>
    <a href="//elsewhere.example/">y</a><a href="https://elsewhere.example/">z</a><a href="#main">m</a>
    <p>${said}</p>
    <script type="application/json">
      ${scriptJson({ said })}
    </script>`.text
  t.equal(underBase(page, ''), page)
  t.equal(
    underBase(page, '/chat-desk'),
    page
      .replace('href="/desk"', 'href="/chat-desk/desk"')
      .replace('src="/files', 'src="/chat-desk/files')
      .replace('action="/login"', 'action="/chat-desk/login"'),
  )
  t.end()
})
