// SPDX-License-Identifier: Apache-2.0
// Line icons, drawn for this console. Always beside words or a label, so hidden from screen readers.
const PATHS = {
  gauge: "M4 15a8 8 0 1 1 16 0M12 15l4-5M4 19h16",
  layers: "M12 4l8 4-8 4-8-4zM4 12l8 4 8-4M4 16l8 4 8-4",
  chip: "M7 7h10v10H7zM10 10h4v4h-4zM9 3v4M15 3v4M9 17v4M15 17v4M3 9h4M3 15h4M17 9h4M17 15h4",
  sliders: "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
  lock: "M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3",
  key: "M8 12a4 4 0 1 0 0 .1M12 12h9M18 12v4M15 12v3",
  leave: "M14 5H6v14h8M11 12h9M17 9l3 3-3 3",
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6L6 18",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L20 20",
  upload: "M12 16V5M8 9l4-4 4 4M5 19h14",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  copy: "M9 9h10v11H9zM5 15V4h10",
  check: "M5 13l4 4L19 7",
  alert: "M12 4l9 16H3zM12 10v4M12 17v.5",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6L7 7M17 17l1.4 1.4M18.4 5.6L17 7M7 17l-1.4 1.4",
  moon: "M19 14a8 8 0 0 1-9-9 8 8 0 1 0 9 9z",
  target: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  restart: "M19 12a7 7 0 1 1-2-5l2 2M19 4v5h-5",
  log: "M5 5h14M5 10h14M5 15h9",
  pencil: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  scroll: "M7 4h10v16H7zM10 8h4M10 12h4M10 16h4",
  plus: "M12 5v14M5 12h14",
  pause: "M8 5v14M16 5v14",
  play: "M8 5l11 7-11 7z",
  send: "M4 12l16-8-6 16-3-7zM11 13l9-9",
  mail: "M4 6h16v12H4zM4 7l8 6 8-6",
  left: "M14 6l-6 6 6 6",
  right: "M10 6l6 6-6 6",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
