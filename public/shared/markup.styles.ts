import { css } from 'lit'

/** What markup makes of a message's text: quiet shapes of the text's own colour, so that they fit on every bubble. */
export const markupStyles = css`
  .text {
    display: flex;
    flex-direction: column;
    gap: 6px;
    min-width: 0;
  }
  .text p {
    white-space: pre-wrap;
  }
  .text strong,
  .text b {
    font-weight: 650;
  }
  .text ul,
  .text ol {
    display: flex;
    flex-direction: column;
    gap: 2px;
    margin: 0;
    padding-inline-start: 20px;
  }
  .text ul {
    list-style: disc;
  }
  .text ul ul {
    list-style: circle;
  }
  .text ol {
    list-style: decimal;
    padding-inline-start: 24px;
  }
  .text li > :not(:first-child) {
    margin-block-start: 2px;
  }
  .text blockquote {
    display: flex;
    flex-direction: column;
    gap: 4px;
    margin: 0;
    padding-inline-start: 9px;
    border-inline-start: 3px solid color-mix(in srgb, currentColor 35%, transparent);
  }
  .text code {
    font-family: ui-monospace, 'SF Mono', 'Cascadia Code', Menlo, Consolas, monospace;
    font-size: 0.9em;
    padding: 1px 4px;
    border-radius: 4px;
    background: color-mix(in srgb, currentColor 9%, transparent);
    unicode-bidi: isolate;
  }
  .text pre {
    max-width: 100%;
    margin: 0;
    padding: 7px 9px;
    border-radius: 8px;
    overflow-x: auto;
    overscroll-behavior-x: contain;
    scrollbar-width: thin;
    scrollbar-color: color-mix(in srgb, currentColor 30%, transparent) transparent;
    background: color-mix(in srgb, currentColor 9%, transparent);
    line-height: 1.5;
    tab-size: 4;
  }
  .text pre code {
    padding: 0;
    background: none;
    white-space: pre;
    overflow-wrap: normal;
  }
  .text a {
    unicode-bidi: isolate;
  }
  .place {
    font-size: 0.9em;
  }
  .mention {
    font-weight: 600;
    border-radius: 4px;
    color: var(--fc-accent-text);
  }
  .mention.mine {
    padding: 1px 3px;
    background: color-mix(in srgb, var(--fc-accent) 16%, transparent);
  }
  .own .bubble .mention {
    color: inherit;
  }
  .own .bubble.failed .mention {
    color: var(--fc-accent-text);
  }
  .own .bubble .mention.mine {
    padding: 0;
    background: none;
  }
  .bubble.large {
    padding: 2px 4px;
    background: none;
    font-size: 34px;
    line-height: 1.2;
  }
  .own .bubble.large {
    background: none;
    color: var(--fc-text);
  }
`
