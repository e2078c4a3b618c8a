import { css } from 'lit'

export const messagesStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    position: relative;
    min-height: 0;
  }
  .scroll {
    display: flex;
    flex-direction: column;
    padding: 12px 14px 6px;
    overflow-anchor: none;
    overflow-x: hidden;
  }
  .scroll:focus-visible {
    box-shadow: inset 0 0 0 2px var(--fc-accent);
  }
  ol {
    display: flex;
    flex-direction: column;
    margin-block-start: auto;
    min-width: 0;
  }
  .top,
  .day,
  .hello {
    text-align: center;
    font-size: var(--fc-text-xs);
    color: var(--fc-text-faint);
  }
  .top {
    margin-block-end: 8px;
  }
  .hello {
    margin-block: auto;
    font-size: var(--fc-text-md);
  }
  .day {
    margin: 14px 0 4px;
  }
  li.day:first-child {
    margin-block-start: 4px;
  }
  .new {
    display: flex;
    align-items: center;
    gap: 8px;
    margin: 12px 0 2px;
    font-size: var(--fc-text-xs);
    color: var(--fc-danger-text);
  }
  .new::before,
  .new::after {
    content: '';
    flex: 1;
    height: 1px;
    background: currentColor;
    opacity: 0.35;
  }
  .system {
    display: flex;
    justify-content: center;
    margin: 10px 0 2px;
  }
  .system span {
    max-width: 100%;
    padding: 3px 10px;
    border-radius: 13px;
    background: var(--fc-bubble);
    color: var(--fc-text-muted);
    font-size: 11.5px;
    text-align: center;
    overflow-wrap: anywhere;
  }
  .group {
    display: grid;
    grid-template-columns: 28px minmax(0, 1fr);
    gap: 8px;
    margin-block-start: 10px;
  }
  .group .avatar {
    align-self: end;
  }
  .group.own {
    grid-template-columns: minmax(0, 1fr);
  }
  .stack {
    display: flex;
    flex-direction: column;
    align-items: flex-start;
    gap: 2px;
    min-width: 0;
  }
  .own .stack {
    align-items: flex-end;
  }
  .who {
    display: flex;
    gap: 6px;
    max-width: 100%;
    padding-inline: 4px;
    font-size: var(--fc-text-xs);
    color: var(--fc-text-muted);
  }
  .who b {
    font-weight: 550;
  }
  time {
    flex: none;
    color: var(--fc-text-faint);
  }
  .bubble {
    width: fit-content;
    max-width: min(86%, 560px);
    padding: 7px 11px;
    border-radius: 14px;
    background: var(--fc-bubble);
    font-size: var(--fc-text-lg);
    overflow-wrap: anywhere;
    text-align: start;
  }
  .group:not(.own) .bubble {
    border-end-start-radius: 6px;
  }
  .own .bubble {
    background: var(--fc-accent);
    color: var(--fc-on-accent);
    border-end-end-radius: 6px;
  }
  .own .bubble.sending,
  .own .bubble.waiting {
    background: color-mix(in srgb, var(--fc-accent) 72%, var(--fc-surface));
  }
  .own .bubble.failed {
    background: var(--fc-surface);
    color: var(--fc-text);
    box-shadow: inset 0 0 0 1px var(--fc-danger-text);
  }
  .bubble.deleted,
  .own .bubble.deleted {
    background: none;
    color: var(--fc-text-faint);
    font-size: var(--fc-text-md);
    font-style: italic;
    box-shadow: inset 0 0 0 1px var(--fc-line);
  }
  .bubble a {
    color: var(--fc-accent-text);
    text-decoration: underline;
    text-underline-offset: 2px;
    border-radius: 3px;
  }
  .own .bubble a {
    color: inherit;
  }
  .own .bubble.failed a {
    color: var(--fc-accent-text);
  }
  .file {
    display: block;
  }
  .bubble small {
    display: block;
    opacity: 0.75;
    font-size: var(--fc-text-xs);
  }
  .state,
  .failure {
    font-size: 10.5px;
    color: var(--fc-text-faint);
    margin-inline: 4px;
  }
  .failure {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: 2px 10px;
    max-width: 100%;
    font-size: 11.5px;
    margin-block-end: 4px;
    color: var(--fc-danger-text);
    overflow-wrap: anywhere;
  }
  .choices {
    display: flex;
    gap: 10px;
  }
  .link {
    color: var(--fc-accent-text);
    font-weight: 550;
    border-radius: 4px;
  }
  .link:hover {
    text-decoration: underline;
  }
  .pill {
    position: absolute;
    inset-block-end: 8px;
    inset-inline: 0;
    margin-inline: auto;
    width: fit-content;
    min-width: 32px;
    height: 30px;
    padding: 0 8px;
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 5px;
    border-radius: var(--fc-radius-full);
    background: var(--fc-surface);
    color: var(--fc-text-muted);
    border: 1px solid var(--fc-line);
    box-shadow: var(--fc-shadow);
    font-size: var(--fc-text-sm);
    font-weight: 600;
  }
  @media (hover: hover) {
    .pill:hover {
      color: var(--fc-text);
    }
    .pill.fresh:hover {
      color: var(--fc-on-accent);
      background: color-mix(in srgb, var(--fc-accent) 88%, var(--fc-text));
    }
  }
  .pill.fresh {
    padding-inline: 10px 13px;
    background: var(--fc-accent);
    border-color: var(--fc-accent);
    color: var(--fc-on-accent);
  }
  .skeleton {
    display: flex;
    flex-direction: column;
    gap: 10px;
    margin-block-start: auto;
    padding-block-end: 8px;
  }
  .skeleton i {
    width: 46%;
    height: 34px;
    border-radius: 14px;
  }
  .skeleton .long {
    width: 68%;
  }
  .skeleton .own {
    align-self: flex-end;
    width: 40%;
  }
  .skeleton + .visually-hidden + ol {
    margin: 0;
  }
  @media (width < 600px) {
    .pill {
      min-width: 44px;
      height: 44px;
    }
    .link {
      min-height: 44px;
      padding-inline: 10px;
    }
    .choices {
      gap: 0;
      margin-inline-end: -10px;
    }
  }
`
