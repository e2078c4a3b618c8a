import { __ } from '@f-chat/desk/client'
import { html, nothing, type TemplateResult } from 'lit'
import { guard } from 'lit/directives/guard.js'
import { LINK_REL } from '../../markup/html.ts'
import { directoryOf, EVERYONE } from '../../markup/names.ts'
import { parse } from '../../markup/parse.ts'
import { textOf, type Block, type Inline, type Link, type ListItem, type Mention } from '../../markup/tree.ts'

/** What a message's text is shown with. */
export interface Reading {
  content: string
  /** What stands behind each @ that names someone, and whom it means. */
  labels: Readonly<Record<string, string>>
  me: string
}

/**
 * A message's text as elements: each piece goes into a template as text or as a checked address, nothing as HTML.
 * Read again only when the text changes. Every block finds its own direction, so that text from right to left moves
 * nothing but itself.
 */
export const renderMarkup = ({ content, labels, me }: Reading): unknown =>
  guard([content, labels, me], () => {
    const people = Object.entries(labels).map(([label, user]) => ({ label, user }))
    return parse(content, directoryOf(people)).map((block) => renderBlock(block, me))
  })

// No space stands between the tags: where text keeps its spaces, it would be shown.

function renderBlock(block: Block, me: string): TemplateResult {
  switch (block.kind) {
    case 'paragraph':
      return html`<p dir="auto">${renderInlines(block.inline, me)}</p>`
    case 'code': {
      const label = block.language ? `${__('Code')}: ${block.language}` : __('Code')
      return html`<pre
        dir="ltr"
        role="group"
        aria-label=${label}
        tabindex="0"
      ><code>${block.text}</code></pre>`
    }
    case 'quote':
      return html`<blockquote dir=${directionOf(block)}>
        ${block.blocks.map((inner) => renderBlock(inner, me))}
      </blockquote>`
    case 'list':
      return block.ordered
        ? html`<ol dir=${directionOf(block)}>
            ${block.items.map((item) => renderItem(item, me, true))}
          </ol>`
        : html`<ul dir=${directionOf(block)}>
            ${block.items.map((item) => renderItem(item, me, false))}
          </ul>`
  }
}

function renderItem({ number, blocks }: ListItem, me: string, ordered: boolean): TemplateResult {
  const inner = blocks.map((block) => renderBlock(block, me))
  return ordered ? html`<li value=${number}>${inner}</li>` : html`<li>${inner}</li>`
}

const renderInlines = (inline: readonly Inline[], me: string): unknown[] =>
  inline.map((node) => renderInline(node, me))

function renderInline(node: Inline, me: string): unknown {
  switch (node.kind) {
    case 'text':
      return node.text
    case 'break':
      return html`<br />`
    case 'code':
      return html`<code dir="auto">${node.text}</code>`
    case 'bold':
      return html`<strong>${renderInlines(node.inline, me)}</strong>`
    case 'italic':
      return html`<em>${renderInlines(node.inline, me)}</em>`
    case 'strike':
      return html`<s>${renderInlines(node.inline, me)}</s>`
    case 'link':
      return renderLink(node, me)
    case 'mention':
      return renderMention(node, me)
  }
}

function renderLink({ href, leadsTo, inline }: Link, me: string): TemplateResult {
  const place = leadsTo === null ? nothing : html` <bdi class="place" dir="ltr">(${leadsTo})</bdi>`
  return html`<a href=${href} title=${href} target="_blank" rel=${LINK_REL} dir="auto"
      >${renderInlines(inline, me)}</a
    >${place}`
}

function renderMention({ user, label }: Mention, me: string): TemplateResult {
  const mine = user === me || user === EVERYONE
  return html`<bdi class=${mine ? 'mention mine' : 'mention'}>@${label}</bdi>`
}

const STRONG_RTL = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]/
const LETTER = /\p{L}/u

/** A list's marks stand where its first words begin; a browser would not look into items with a direction of their own. */
function directionOf(block: Block): 'ltr' | 'rtl' {
  const letter = firstLetter(block)
  return letter !== undefined && STRONG_RTL.test(letter) ? 'rtl' : 'ltr'
}

function firstLetter(block: Block): string | undefined {
  switch (block.kind) {
    case 'paragraph':
      return LETTER.exec(textOf(block.inline))?.[0]
    case 'code':
      return undefined
    case 'quote':
      return firstOf(block.blocks)
    case 'list':
      return firstOf(block.items.flatMap(({ blocks }) => blocks))
  }
}

function firstOf(blocks: readonly Block[]): string | undefined {
  for (const block of blocks) {
    const letter = firstLetter(block)
    if (letter !== undefined) return letter
  }
  return undefined
}
