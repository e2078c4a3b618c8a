import { css } from 'lit'

export const roomListStyles = css`
  .head {
    gap: 2px;
    padding: 10px 8px 6px 16px;
    padding-inline: 16px 8px;
  }
  h2 {
    flex: 1;
    font-size: 15px;
    font-weight: 620;
  }
  .dismiss {
    display: none;
  }
  .field {
    margin: 0 16px 8px;
    flex: none;
  }
  .chips {
    display: flex;
    gap: 6px;
    padding: 0 16px 8px;
    flex: none;
    overflow-x: auto;
    scrollbar-width: none;
  }
  .chip {
    flex: none;
    height: 26px;
    padding: 0 10px;
    border-radius: var(--fc-radius-full);
    border: 1px solid var(--fc-line);
    font-size: var(--fc-text-sm);
    color: var(--fc-text-muted);
    white-space: nowrap;
  }
  .chip:hover {
    background: var(--fc-surface-hover);
  }
  .chip[aria-pressed='true'] {
    background: var(--fc-text);
    border-color: var(--fc-text);
    color: var(--fc-surface);
  }
  .chip:focus-visible {
    box-shadow: inset 0 0 0 2px var(--fc-accent);
  }
  .scroll {
    display: flex;
    flex-direction: column;
    padding-block-end: 8px;
  }
  .scroll > .blank {
    flex: 1;
  }
  .row {
    padding: 8px 16px;
  }
  .main {
    display: grid;
    min-width: 0;
    gap: 1px;
  }
  .name {
    font-weight: 550;
    font-size: 13.5px;
  }
  .line {
    color: var(--fc-text-muted);
  }
  .name,
  .line {
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }
  .line.quiet {
    color: var(--fc-text-faint);
  }
  .line.failed,
  .unread .line.failed {
    color: var(--fc-danger-text);
  }
  .unread .name {
    font-weight: 650;
  }
  .unread .line:not(.quiet) {
    color: var(--fc-text);
  }
  .meta {
    align-self: stretch;
    display: flex;
    flex-direction: column;
    align-items: end;
    gap: 3px;
    padding-block-start: 2px;
  }
  .time {
    font-size: var(--fc-text-xs);
    line-height: 17px;
    color: var(--fc-text-faint);
    white-space: nowrap;
  }
  .unread .time {
    color: var(--fc-accent-text);
  }
  .count {
    min-width: 18px;
    height: 18px;
    padding: 0 5px;
    border-radius: 9px;
    background: var(--fc-accent);
    color: var(--fc-on-accent);
    font-size: var(--fc-text-xs);
    font-weight: 650;
    line-height: 18px;
    text-align: center;
    font-variant-numeric: tabular-nums;
  }
  .skeleton i {
    height: 9px;
    width: 42%;
    margin-block: 4px;
  }
  .skeleton i + i {
    width: 74%;
  }
  .blank small {
    color: var(--fc-text-faint);
  }
  @media (width < 600px) {
    .dismiss {
      display: grid;
    }
    .chip {
      height: 44px;
      padding: 0 16px;
    }
    .row {
      padding-block: 11px;
    }
  }
`
