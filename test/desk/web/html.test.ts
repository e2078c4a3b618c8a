import t from 'tap'
import { escapeHtml, html, rawHtml, scriptJson } from '../../../desk/web/html.ts'

t.test('values in a template are escaped, nested templates are not', async (t) => {
  const name = `<img src=x onerror="alert('1')"> & co`
  t.equal(
    html`<p title="${name}">${html`<b>${name}</b>`}</p>`.text,
    '<p title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; co">' +
      '<b>&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; co</b></p>',
  )
})

t.test('lists are joined, nothing is nothing, zero is a value', async (t) => {
  t.equal(html`${['<', html`<i></i>`]}${null}${undefined}${false}${0}`.text, '&lt;<i></i>0')
  t.equal(html`${rawHtml('<br>')}`.text, '<br>')
  t.equal(escapeHtml('plain'), 'plain')
})

t.test('JSON cannot end its script, and is the same data', async (t) => {
  const value = { text: '</script><!--\u2028', list: [1, null] }
  const { text } = scriptJson(value)
  t.notMatch(text, /[<\u2028]/)
  t.same(JSON.parse(text), value)
  t.equal(scriptJson(undefined).text, 'null')
})
